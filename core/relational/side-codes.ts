import type { Code } from '../errors/index.ts';

/** Which half of a job a connection works for. */
export type SideName = 'source' | 'target';

/** The codes that stand for the faults of servers on either side. */
export interface SideCodes {
  readonly unreachable: Code;
  readonly denied: Code;
  readonly throttled: Code;
  readonly refused: Code;
  /** A statement was ended by a limit or by somebody. */
  readonly ended: Code;
  readonly noTable: 'SRC-2020' | 'DST-4004';
}

/** Codes by side. */
export const SIDE_CODES: Readonly<Record<SideName, SideCodes>> = {
  source: {
    unreachable: 'SRC-2001',
    denied: 'SRC-2002',
    throttled: 'SRC-2003',
    refused: 'SRC-2004',
    ended: 'SRC-2022',
    noTable: 'SRC-2020',
  },
  target: {
    unreachable: 'DST-4001',
    denied: 'DST-4002',
    throttled: 'DST-4003',
    refused: 'DST-4004',
    ended: 'DST-4004',
    noTable: 'DST-4004',
  },
};
