export type { Answer } from './answer.ts';
export {
  createTablestoreClient,
  type DecodedPage,
  MAX_BATCH_GET_ROWS,
  MAX_BATCH_WRITE_ROWS,
  type RowPage,
  type TablestoreClient,
  type WriteOutcome,
} from './client.ts';
export { classify, NetworkFault, ProtocolFault, ServiceFault, type TablestoreCodes } from './errors.ts';
export { crc8, crc8Byte } from './plain-buffer/crc8.ts';
export { readKey, readRow, readRows } from './plain-buffer/row-reader.ts';
export { HEADER, Tag, ValueType } from './plain-buffer/tags.ts';
export type {
  BatchWrite,
  ColumnEquals,
  DeleteRowRequest,
  GetRangeRequest,
  GetRowRequest,
  PutRowRequest,
  RawPage,
  RowCondition,
  RowRef,
  UpdateRowRequest,
} from './rows.ts';
export type { DefinedType, KeyType, NewTable, SplitRequest, TableSchema } from './tables.ts';
export {
  type CallOptions,
  DEFAULT_MAX_SOCKETS,
  DEFAULT_TIMEOUT_MS,
  type Operation,
  type TablestoreOptions,
  type TablestorePorts,
} from './transport.ts';
export {
  INF_MAX,
  INF_MIN,
  type KeyBound,
  type KeyColumn,
  type KeyValue,
  type StoredRow,
  type Value,
} from './values.ts';
