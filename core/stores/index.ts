export { createDeskStore } from './desk-store.ts';
export { MemoryRowTable } from './memory-row-table.ts';
export { type OpenStateStore, openStateStore, type StateLocation } from './open-state-store.ts';
export type { IdSpan, PutCondition, RowKey, RowTable, StoredRow } from './row-table.ts';
export { createStateStore, TABLES, type TableName } from './state-store.ts';
export { createStateTables, type Retry, stateCodes, tablestoreRowTables } from './tablestore-row-table.ts';
