/** What faults of a server mean, whatever its family: their kind, and their place among the codes of a side. */
import type { FaultKind } from '../errors/index.ts';
import type { SideCodes } from './side-codes.ts';

/** The kind of a fault, and which code of its side it gets. */
export type Verdict = readonly [FaultKind, keyof Omit<SideCodes, 'noTable'>];

/** The user may not. */
export const DENIED: Verdict = ['auth', 'denied'];
/** The server has too much to do. */
export const BUSY: Verdict = ['throttled', 'throttled'];
/** The connection is of no more use. */
export const GONE: Verdict = ['transient', 'unreachable'];
/** The statement may be repeated. */
export const AGAIN: Verdict = ['transient', 'refused'];
/** Somebody ended the statement, or its time was over. */
export const ENDED: Verdict = ['config', 'ended'];
/** The statement will not do. */
export const REFUSED: Verdict = ['config', 'refused'];
