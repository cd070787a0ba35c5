/** Names of the moments at which a process is killed. */

/** Before the service does anything about the call, or when it has done it durably and not answered. */
export type Moment = 'before' | 'after';

/** The `ordinal`-th call (from 1) of one name by all instances of a function in a run. */
export interface NumberedCall {
  readonly functionName: string;
  /** Operation, what it touches and what it does there, for example `PutRow shards 00000 claim`. */
  readonly call: string;
  readonly ordinal: number;
}

/** Such a call, and one of its two moments. */
export interface CrashPoint extends NumberedCall {
  readonly moment: Moment;
}

/** `worker:PutRow shards 00000 claim:1` */
export const formatCall = ({ functionName, call, ordinal }: NumberedCall): string =>
  `${functionName}:${call}:${ordinal}`;

/** `worker:PutRow shards 00000 claim:1:after` */
export const formatPoint = (point: CrashPoint): string => `${formatCall(point)}:${point.moment}`;

/** Reads what `formatPoint` wrote. Throws for any other text. */
export function parsePoint(text: string): CrashPoint {
  const match = /^([\w-]+):([^:]+):([1-9]\d*):(before|after)$/.exec(text);
  if (!match)
    throw new Error(
      `not a crash point: '${text}'; one looks like 'worker:PutRow shards 00000 claim:1:after'`,
    );
  const [, functionName = '', call = '', ordinal = '', moment] = match;
  return { functionName, call, ordinal: Number(ordinal), moment: moment as Moment };
}

/** Calls with their numbers among those of the same function and name, in their order. */
export function numbered(calls: readonly Omit<NumberedCall, 'ordinal'>[]): NumberedCall[] {
  const counts = new Map<string, number>();
  return calls.map(({ functionName, call }) => {
    const kind = `${functionName}:${call}`;
    const ordinal = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, ordinal);
    return { functionName, call, ordinal };
  });
}
