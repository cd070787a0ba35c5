import type { TablestoreCodes } from '../../tablestore/index.ts';

/** The codes of faults while reading. */
export const READER_CODES: TablestoreCodes = {
  unreachable: 'SRC-2001',
  denied: 'SRC-2002',
  throttled: 'SRC-2003',
  refused: 'SRC-2004',
  undecodable: 'SRC-2005',
};

/** The codes of faults while writing. An answer that cannot be read leaves open what was done, as a lost one does. */
export const WRITER_CODES: TablestoreCodes = {
  unreachable: 'DST-4001',
  denied: 'DST-4002',
  throttled: 'DST-4003',
  refused: 'DST-4004',
  undecodable: 'DST-4001',
};
