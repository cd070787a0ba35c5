export { blockKernel, type LoadedRows, loadRows, OUT_BYTES } from './block-memory.ts';
export type { Column, ColumnFacts, LogicalType } from './column.ts';
export {
  type CellForm,
  type CellValue,
  cellValue,
  Form,
  type RowBlock,
  selectRows,
} from './row-block.ts';
export { RowBlockBuilder } from './row-block-builder.ts';
export { cellBytes, hashRows, rowChecksum } from './row-checksum.ts';
export type { RunRef, TaskRef } from './run-ref.ts';
export {
  childIdOf,
  MAX_CHILDREN,
  MAX_DEPTH,
  placeOfShard,
  type ShardPlace,
  shardIdOf,
} from './shard-id.ts';
