/** Events as the platform delivers them, in bytes: those of this version, and those that somebody else made. */
import type { FunctionName, RunMessage } from '../../core/ports/index.ts';
import type { SeededRandom } from './random.ts';

/** An event on its way to a function. */
export interface Event {
  readonly bytes: Uint8Array;
  /** What it is, for the trace. */
  readonly label: string;
  /** The run that it speaks of; `undefined` = all or none. */
  readonly lineage?: string;
  /** `no` = breaks the contract of its function · `nothing` = keeps it and speaks of nothing that there is. */
  readonly fits: 'yes' | 'no' | 'nothing';
}

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** `job/run` of the run that the first one of a lineage is: successors are `R.r1`, `R.r2`, …; `R.old` lies there. */
export const lineageOf = (path: string): string => {
  const [jobId = '', runId = ''] = path.split('/');
  return `${jobId}/${runId.replace(/\.(r\d+|old)$/, '')}`;
};

/** A message between functions. */
export const messageEvent = (message: RunMessage): Event => ({
  bytes: bytesOf(message),
  label: `${message.jobId}/${message.runId} ${message.channel ?? ''}`,
  lineage: lineageOf(`${message.jobId}/${message.runId}`),
  fits: 'yes',
});

/** What a timer sends; `payload` is the text configured with it. */
export const timerEvent = (scheduledMs: number, triggerName: string, payload: string): Event => ({
  bytes: bytesOf({ triggerTime: new Date(scheduledMs).toISOString(), triggerName, payload }),
  label: `timer ${triggerName}`,
  fits: 'yes',
});

/** A channel that no run has. */
const NO_CHANNEL = 99_999;

/** Spoiled messages: all break the contract of every function that reads messages. */
const SPOILS: readonly ((message: RunMessage, random: SeededRandom) => unknown)[] = [
  (message) => ({ ...message, v: 0 }),
  (message) => ({ ...message, v: 2 }),
  ({ v: _v, ...message }) => message,
  (message) => ({ ...message, more: true }),
  (message) => ({ ...message, runId: '' }),
  (message) => ({ ...message, runId: 7 }),
  (message) => ({ ...message, jobId: 'j'.repeat(201) }),
  (message) => ({ ...message, channel: -1 }),
  (message) => ({ ...message, channel: '0' }),
  (message) => ({ ...message, channel: 0.5 }),
  (message) => [message],
  (message) => JSON.stringify(message),
  ({ jobId }) => ({ triggerTime: 'yesterday', triggerName: 'nightly', payload: jobId }),
  () => null,
  () => ({}),
];

/** An event that this version never sent, made after one that it did. */
export function foreignEvent(target: FunctionName, message: RunMessage, random: SeededRandom): Event {
  const kind = random.next();
  if (kind < 0.2) return garbage(message, random);
  if (kind < 0.4) return nothingKnown(target, message, random);
  const which = random.int(0, SPOILS.length - 1);
  const spoiled = SPOILS[which]?.(message, random);
  return { bytes: bytesOf(spoiled), label: `foreign #${which} to ${target}`, fits: 'no' };
}

/** No JSON at all: noise, or a message cut short. */
function garbage(message: RunMessage, random: SeededRandom): Event {
  const whole = bytesOf(message);
  const noise = Uint8Array.from({ length: random.int(0, 64) }, () => random.int(128, 255));
  const bytes = random.chance(0.5) ? whole.subarray(0, random.int(1, whole.length - 1)) : noise;
  return { bytes, label: 'garbage', fits: 'no' };
}

/** Well formed, but of another installation. */
function nothingKnown(target: FunctionName, message: RunMessage, random: SeededRandom): Event {
  const channel = target === 'worker' ? { channel: message.channel ?? 0 } : {};
  const others: readonly unknown[] = [
    { v: 1, jobId: 'ghost', runId: message.runId, ...channel },
    { v: 1, jobId: message.jobId, runId: `${message.runId}.r99`, ...channel },
    ...(target === 'worker' ? [{ ...message, channel: NO_CHANNEL }] : []),
    ...(target === 'orchestrator' ? foreignTimers : []),
  ];
  const event = others[random.int(0, others.length - 1)];
  return { bytes: bytesOf(event), label: `unknown to ${target}: ${JSON.stringify(event)}`, fits: 'nothing' };
}

const foreignTimers = ['{"job":"ghost"}', '{"job":"../job"}', '{"job":', '[]', ''].map((payload) => ({
  triggerTime: '2025-01-01T00:00:00Z',
  triggerName: 'foreign',
  payload,
}));
