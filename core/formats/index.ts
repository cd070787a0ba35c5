export { ByteBuffer } from './byte-buffer.ts';
export { Crc64, crc64, crc64Combine } from './crc64.ts';
export { createEncoder } from './create-encoder.ts';
export { type CivilFields, DatePattern, datePatternFault, datePatternKeeps } from './date-pattern.ts';
export { GZIP_LEVEL, gzipMember } from './gzip.ts';
export type { RowEncoder } from './row-encoder.ts';
export { DEFAULT_TEXT_FORMAT, type FormatFault, formatFaults, type TextFormat } from './text-format.ts';
