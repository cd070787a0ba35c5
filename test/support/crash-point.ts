/** Names of the moments at which a process is killed. */
import type { FaultPoint } from '../../infra/local/service.ts';

/** Before the service does anything about the call, or when it has done it durably and not answered. */
export type Moment = 'before' | 'after';

/** The `ordinal`-th call (from 1) of one kind by all instances of a function in a run. */
export interface CrashPoint {
  readonly functionName: string;
  /** Operation and what it touches, for example `PutRow shards`. */
  readonly call: string;
  readonly ordinal: number;
  readonly moment: Moment;
}

/** `worker:PutRow shards:3:after` */
export const formatPoint = ({ functionName, call, ordinal, moment }: CrashPoint): string =>
  `${functionName}:${call}:${ordinal}:${moment}`;

/** Reads what `formatPoint` wrote. Throws for any other text. */
export function parsePoint(text: string): CrashPoint {
  const match = /^([\w-]+):([^:]+):([1-9]\d*):(before|after)$/.exec(text);
  if (!match) throw new Error(`not a crash point: '${text}'; one looks like 'worker:PutRow shards:3:after'`);
  const [, functionName = '', call = '', ordinal = '', moment] = match;
  return { functionName, call, ordinal: Number(ordinal), moment: moment as Moment };
}

/** Output objects bear 32 hex digits; one kind of call touches all of them. */
const OUTPUT = /__[0-9a-f]{32}/;

/** The kind of a call: its operation and what it touches, without what differs from run to run. */
export function callOf({ service, operation, key }: FaultPoint): string {
  return `${operation} ${service === 'oss' ? objectOf(key) : tableOf(key)}`;
}

/** The table, without the prefix of the status tables; for functions the key is the function. */
const tableOf = (key: string): string => (key.split(/[/;]/)[0] ?? '').replace(/^millrace_/, '');

function objectOf(key: string): string {
  if (key.includes('/_millrace/')) return key.slice(key.lastIndexOf('/') + 1);
  return OUTPUT.test(key) ? 'output' : key;
}
