import type { Findings } from '../findings.ts';
import type { ObjectNode } from '../json/node.ts';
import type { ErrorLimitModel, JobModel, SpeedModel } from '../model.ts';
import { isTimeZone } from '../time/civil.ts';
import {
  booleanField,
  checkKeys,
  choiceField,
  member,
  missing,
  numberField,
  objectField,
  textField,
} from './fields.ts';

/** Zone of a job that names none: that of DataWorks in China, whatever machine runs the job. */
export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';
/** Most shards of one run moved at the same time. */
export const MAX_CONCURRENT = 1000;
/** Where DataWorks has `concurrent` unset: one shard after the other. */
const DEFAULT_CONCURRENT = 1;
/** Fewest workers from which DataWorks distributes a job. */
const DISTRIBUTE_CONCURRENT = 8;

const concurrentRule = { min: 1, max: MAX_CONCURRENT, whole: true };
const mbpsRule = { min: 1, max: 1_000_000, whole: false };

/** The settings of both DataWorks dialects. In 1.0 an `mbps` without `throttle` limits; in 2.0 it needs `throttle: true`. */
export function dataWorksSetting(
  node: ObjectNode | undefined,
  dialect: 'v1' | 'v2',
  fallbackZone: string,
  findings: Findings,
): JobModel['setting'] {
  if (node) checkKeys(node, ['executeMode', 'errorLimit', 'speed', 'dirtyRows', 'timeZone'], findings);
  const speed = dataWorksSpeed(objectField(node, 'speed', findings), dialect, findings);
  checkExecuteMode(node, speed, findings);
  return {
    errorLimit: readErrorLimit(objectField(node, 'errorLimit', findings), findings),
    speed,
    timeZone: readTimeZone(node, fallbackZone, findings),
  };
}

function dataWorksSpeed(node: ObjectNode | undefined, dialect: 'v1' | 'v2', findings: Findings): SpeedModel {
  if (node) checkKeys(node, ['concurrent', 'throttle', 'mbps'], findings);
  const concurrent = numberField(node, 'concurrent', concurrentRule, findings) ?? DEFAULT_CONCURRENT;
  const throttle = booleanField(node, 'throttle', findings);
  const mbps = numberField(node, 'mbps', mbpsRule, findings);
  const written = member(node, 'mbps');
  if (throttle === true && node && !written) {
    missing(node, 'mbps', findings, '`throttle` is true: say how many MB/s, at least 1');
  }
  const limits = throttle ?? dialect === 'v1';
  if (written && !limits) {
    findings.warn(
      'JOB-1023',
      written,
      '`mbps` limits nothing without `throttle`',
      'write `"throttle": true`',
    );
  }
  return { concurrent, ...(limits && mbps !== undefined && { mbps }) };
}

function checkExecuteMode(node: ObjectNode | undefined, speed: SpeedModel, findings: Findings): void {
  const mode = choiceField(node, 'executeMode', ['distribute', ''], findings);
  if (mode !== 'distribute' || speed.concurrent >= DISTRIBUTE_CONCURRENT) return;
  findings.warn(
    'JOB-1023',
    member(node, 'executeMode')!,
    `\`distribute\` has no effect with \`concurrent\` ${speed.concurrent}`,
    `DataWorks distributes from \`concurrent\` ${DISTRIBUTE_CONCURRENT}; here runs always fan out`,
  );
}

/** `record` wins over `percentage`. Neither = no dirty row is allowed: the job's author must say otherwise. */
export function readErrorLimit(node: ObjectNode | undefined, findings: Findings): ErrorLimitModel {
  if (node) checkKeys(node, ['record', 'percentage'], findings);
  const whole = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true, blankIsUnset: true };
  const share = { min: 0, max: 1, whole: false, blankIsUnset: true };
  const records = numberField(node, 'record', whole, findings);
  const percentage = numberField(node, 'percentage', share, findings);
  if (records !== undefined && percentage !== undefined) {
    const at = member(node, 'percentage')!;
    findings.warn('JOB-1023', at, '`percentage` has no effect beside `record`', 'keep one of them');
  }
  if (records === undefined && percentage !== undefined) return { kind: 'share', limit: percentage };
  return { kind: 'records', limit: records ?? 0 };
}

/** `setting.timeZone`, checked. */
export function readTimeZone(node: ObjectNode | undefined, fallback: string, findings: Findings): string {
  const zone = textField(node, 'timeZone', findings);
  if (zone === undefined || zone === '') return fallback;
  if (isTimeZone(zone)) return zone;
  const at = member(node, 'timeZone')!;
  findings.fault(
    'JOB-1007',
    at,
    `\`timeZone\` is ${JSON.stringify(zone)}, which is no time zone`,
    'an IANA name such as `Asia/Shanghai`',
  );
  return fallback;
}
