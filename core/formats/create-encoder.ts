import { assert } from '../errors/index.ts';
import type { Column } from '../types/index.ts';
import { findCharset } from './charset.ts';
import { DelimitedEncoder } from './delimited-encoder.ts';
import { kernelEncoder } from './kernel-encoder.ts';
import type { RowEncoder } from './row-encoder.ts';
import { formatFaults, type TextFormat } from './text-format.ts';
import { TranscodingEncoder } from './transcoding-encoder.ts';

/**
 * An encoder for rows of these columns. Check the format with `formatFaults` first: a faulty one is a defect
 * of the caller.
 */
export function createEncoder(format: TextFormat, columns: readonly Column[]): RowEncoder {
  const [fault] = formatFaults(format);
  assert(!fault, `unchecked format: ${fault?.option} ${fault?.message}`);
  assert(columns.length > 0, 'an encoder needs at least one column');
  const plain = kernelEncoder(new DelimitedEncoder(format, columns), format, columns);
  const charset = findCharset(format.encoding) ?? 'utf8';
  return charset === 'utf8' ? plain : new TranscodingEncoder(plain, charset, format.encoding);
}
