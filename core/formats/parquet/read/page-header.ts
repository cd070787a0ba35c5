/** What stands before each page. The library takes any number of the compact protocol for any field. */
import { parquetHeader } from 'hyparquet/src/column.js';
import type { PageHeader } from 'hyparquet/src/types.js';
import { damaged, wellFormed } from './damage.ts';

/** Decodes a page header at the offset of the reader, which is moved behind it. Every count in it is a whole number. */
export function decodePageHeader(reader: { view: DataView; offset: number }): PageHeader {
  const header = headerAt(reader);
  const { data_page_header: older, data_page_header_v2: newer, dictionary_page_header: dictionary } = header;
  requireCounts(header.compressed_page_size, header.uncompressed_page_size);
  if (older) requireCounts(older.num_values);
  if (dictionary) requireCounts(dictionary.num_values);
  if (newer) {
    const { num_values, definition_levels_byte_length, repetition_levels_byte_length } = newer;
    requireCounts(num_values, definition_levels_byte_length, repetition_levels_byte_length);
  }
  return header;
}

function headerAt(reader: { view: DataView; offset: number }): PageHeader {
  try {
    return parquetHeader(reader);
  } catch (error) {
    throw damaged('the header of a page cannot be decoded', error);
  }
}

/** 64-bit integers come as bigint: where the format has 32 bits they are damage. */
function requireCounts(...counts: readonly unknown[]): void {
  wellFormed(
    counts.every(Number.isSafeInteger),
    'the header of a page has something else where a count belongs',
  );
}
