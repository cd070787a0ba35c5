export { CODEC_NUMBERS, type CodecName } from './metadata-bytes.ts';
export {
  type Annotation,
  castTarget,
  describeParquetColumn,
  type ParquetColumn,
  parquetColumn,
} from './parquet-column.ts';
export {
  createParquetEncoder,
  DEFAULT_PAGE_BYTES,
  DEFAULT_ROW_GROUP_BYTES,
  DEFAULT_ROW_GROUP_ROWS,
  type ParquetEncoder,
  type ParquetOptions,
} from './parquet-encoder.ts';
export { type ColumnChoice, ParquetReader, type ParquetReadFormat } from './read/parquet-reader.ts';
export { parseParquetSchema } from './schema-text.ts';
