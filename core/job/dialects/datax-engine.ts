import type { Findings } from '../findings.ts';
import { type JsonNode, type ObjectNode, plainValue } from '../json/node.ts';
import { nearestName } from '../near-name.ts';
import { numberField, objectField } from './fields.ts';

/** Limits of one DataX channel, per second. */
export interface ChannelLimits {
  readonly byte?: number;
  readonly record?: number;
}

/** Overrides that tune the engine of DataX and cannot change what a job moves: accepted and ignored. */
const TUNING: readonly string[] = [
  'core.container.job.reportInterval',
  'core.container.job.sleepInterval',
  'core.container.taskGroup.channel',
  'core.container.taskGroup.reportInterval',
  'core.container.taskGroup.sleepInterval',
  'core.transport.channel.capacity',
  'core.transport.channel.byteCapacity',
  'core.transport.channel.flowControlInterval',
  'core.transport.exchanger.bufferSize',
  'core.statistics.collector.plugin.maxDirtyNumber',
];
/** Overrides with a meaning here. */
const CHANNEL_SPEED = 'core.transport.channel.speed';
const LIMITS: readonly string[] = [`${CHANNEL_SPEED}.byte`, `${CHANNEL_SPEED}.record`];

/** Reads `core.transport.channel.speed`; refuses overrides that could change the outcome of a job. */
export function readChannelLimits(root: ObjectNode, findings: Findings): ChannelLimits {
  for (const part of ['core', 'common']) {
    const node = objectField(root, part, findings);
    if (node) checkOverrides(node, findings);
  }
  let node: ObjectNode | undefined = root;
  for (const part of CHANNEL_SPEED.split('.')) {
    const next: JsonNode | undefined = node?.members.get(part)?.value;
    node = next?.kind === 'object' ? next : undefined;
  }
  const rule = { min: -1, max: Number.MAX_SAFE_INTEGER, whole: true };
  const byte = numberField(node, 'byte', rule, findings);
  const record = numberField(node, 'record', rule, findings);
  return { ...(byte && byte > 0 && { byte }), ...(record && record > 0 && { record }) };
}

function checkOverrides(node: ObjectNode, findings: Findings): void {
  for (const { key, value } of node.members.values()) {
    if (value.kind === 'object') checkOverrides(value, findings);
    else if (TUNING.includes(key.path)) {
      findings.warn(
        'JOB-1023',
        key,
        `\`${key.path}\` tunes DataX's own engine and has no effect here`,
        'remove it',
      );
    } else if (!LIMITS.includes(key.path)) {
      const near = nearestName(key.path, [...TUNING, ...LIMITS]);
      const message = `the engine override \`${key.path}\` = ${JSON.stringify(plainValue(value))} is not supported`;
      findings.fault('JOB-1014', key, message, near ? `did you mean \`${near}\`?` : 'remove it');
    }
  }
}
