import type { Findings } from '../findings.ts';
import type { JsonNode, ObjectNode } from '../json/node.ts';
import type { JobModel, SpeedModel } from '../model.ts';
import { type ChannelLimits, readChannelLimits } from './datax-engine.ts';
import { type DraftStep, draftStep, type JobDraft } from './draft.ts';
import {
  asObject,
  booleanField,
  checkKeys,
  listField,
  member,
  missing,
  numberField,
  objectField,
} from './fields.ts';
import { MAX_CONCURRENT, readErrorLimit, readTimeZone } from './settings.ts';

const MIB = 1024 * 1024;

/** Reads a DataX job: `job.content[0]`, `job.setting` and what of the engine overrides has a meaning here. */
export function readDataX(root: ObjectNode, zone: string, findings: Findings): JobDraft {
  checkKeys(root, ['$schema', 'job', 'core', 'common'], findings);
  const job = objectField(root, 'job', findings);
  if (job) checkKeys(job, ['content', 'setting'], findings);
  else if (!member(root, 'job')) missing(root, 'job', findings, 'it holds `content` and `setting`');
  const content = job && readContent(job, findings);
  const channel = readChannelLimits(root, findings);
  const setting = readSetting(job, channel, zone, findings);
  const reader = content && side(content, 'reader', findings);
  const writer = content && side(content, 'writer', findings);
  return { dialect: 'datax', ...(reader && { reader }), ...(writer && { writer }), setting };
}

function readContent(job: ObjectNode, findings: Findings): ObjectNode | undefined {
  const items = listField(job, 'content', findings);
  const [first, second] = items ?? [];
  if (second) {
    const message = `\`content\` has ${items?.length} entries; DataX itself silently runs only the first`;
    findings.fault('JOB-1014', second, message, 'make one job of each');
  }
  if (!first) {
    if (items || !member(job, 'content'))
      missing(job, 'content', findings, 'a list with one `{"reader": …, "writer": …}`');
    return undefined;
  }
  const node = asObject(first, 'content[0]', findings);
  if (node) checkKeys(node, ['reader', 'writer', 'transformer'], findings);
  const transformer = member(node, 'transformer');
  if (transformer && !(transformer.kind === 'array' && transformer.items.length === 0)) {
    findings.fault(
      'JOB-1014',
      transformer,
      '`transformer` is not supported',
      'remove it; convert in the source query or in the target',
    );
  }
  return node;
}

function side(content: ObjectNode, name: 'reader' | 'writer', findings: Findings): DraftStep | undefined {
  const node = objectField(content, name, findings);
  if (node) checkKeys(node, ['name', 'parameter'], findings);
  else if (!member(content, name)) missing(content, name, findings, '`{"name": …, "parameter": {…}}`');
  return draftStep(node, 'name', findings);
}

function readSetting(
  job: ObjectNode | undefined,
  channel: ChannelLimits,
  zone: string,
  findings: Findings,
): JobModel['setting'] {
  const node = objectField(job, 'setting', findings);
  if (node) checkKeys(node, ['speed', 'errorLimit', 'dirtyRows', 'dryRun', 'timeZone'], findings);
  if (booleanField(node, 'dryRun', findings)) {
    findings.fault(
      'JOB-1014',
      member(node, 'dryRun')!,
      '`dryRun` is not supported',
      'use `millrace plan JOB`',
    );
  }
  return {
    errorLimit: readErrorLimit(objectField(node, 'errorLimit', findings), findings),
    speed: readSpeed(job, node, channel, findings),
    timeZone: readTimeZone(node, zone, findings),
  };
}

/** 0 and -1 are how DataX files say "no limit". */
const limitRule = { min: -1, max: Number.MAX_SAFE_INTEGER, whole: true };

/**
 * The number of channels as DataX finds it: by the byte and record limits of the job and of one channel, the
 * smaller of the two; else `channel`. Limits per channel alone limit all channels together to their sum.
 */
function readSpeed(
  job: ObjectNode | undefined,
  setting: ObjectNode | undefined,
  perChannel: ChannelLimits,
  findings: Findings,
): SpeedModel {
  const node = objectField(setting, 'speed', findings);
  if (node) checkKeys(node, ['channel', 'byte', 'record'], findings);
  const channel = numberField(node, 'channel', { min: 1, max: MAX_CONCURRENT, whole: true }, findings);
  const byte = positive(numberField(node, 'byte', limitRule, findings));
  const record = positive(numberField(node, 'record', limitRule, findings));
  const written: readonly (JsonNode | undefined)[] = ['channel', 'byte', 'record'].map((key) =>
    member(node, key),
  );
  if (
    written.every((value) => value === undefined) ||
    (node && !channel && !byte && !record && !written[0])
  ) {
    const at = node ?? setting ?? job;
    if (at)
      missing(at, 'channel', findings, 'DataX needs `setting.speed`: `{"channel": 1}`, `byte` or `record`');
  }
  const concurrent = channelCount(channel, byte, record, perChannel);
  const bytes = byte ?? (perChannel.byte && perChannel.byte * concurrent);
  const records = record ?? (perChannel.record && perChannel.record * concurrent);
  return {
    concurrent,
    ...(bytes !== undefined && { mbps: bytes / MIB }),
    ...(records !== undefined && { recordsPerSecond: records }),
  };
}

const positive = (value: number | undefined): number | undefined => (value && value > 0 ? value : undefined);

function channelCount(
  channel: number | undefined,
  byte: number | undefined,
  record: number | undefined,
  perChannel: ChannelLimits,
): number {
  const needs: number[] = [];
  if (byte && perChannel.byte) needs.push(Math.max(1, Math.floor(byte / perChannel.byte)));
  if (record && perChannel.record) needs.push(Math.max(1, Math.floor(record / perChannel.record)));
  return Math.min(MAX_CONCURRENT, needs.length > 0 ? Math.min(...needs) : (channel ?? 1));
}
