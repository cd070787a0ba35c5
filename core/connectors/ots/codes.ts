import type { TablestoreCodes } from '../../tablestore/index.ts';

/** The codes of faults while reading. */
export const READER_CODES: TablestoreCodes = {
  unreachable: 'SRC-2001',
  denied: 'SRC-2002',
  throttled: 'SRC-2003',
  refused: 'SRC-2004',
  undecodable: 'SRC-2005',
};
