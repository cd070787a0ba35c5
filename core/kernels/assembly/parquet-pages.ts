/**
 * Parts of Parquet pages. Levels: u8 per row, 1 with a value, 0 without. Values are in PLAIN form; what they become
 * ids of is said in parquet/dictionary.ts, how ids and levels are written in parquet/runs.ts.
 */
import { writeRun, writeRunLengths } from './parquet/runs';

export { bounds32, bounds64, boundsBytes, boundsF64, boundsU32 } from './parquet/bounds';
export { entryCount, entryEnd, ids32, ids64, idsBytes, setDictionary } from './parquet/dictionary';

/** Bytes of the length before the levels of a page. */
const LENGTH_BYTES: usize = 4;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Writes the levels of `rows` rows that all have a value. */
export function fullLevels(rows: u32, out: usize): usize {
  return ended(out, writeRun(1, rows, 1, out + LENGTH_BYTES));
}

/** Writes levels, with `space` for a u32 per row and 32 bytes. */
export function mixedLevels(at: usize, rows: u32, space: usize, out: usize): usize {
  let to = space;
  for (let next = at; next < at + rows; next++, to += 4) store<u32>(to, load<u8>(next));
  return ended(out, writeRunLengths(space, to, 1, out + LENGTH_BYTES));
}

function ended(out: usize, end: usize): usize {
  store<u32>(out, <u32>(end - out - LENGTH_BYTES));
  return end;
}

/** Writes `count` ids in `[ids, …)` with their width before them. */
export function packedIds(ids: usize, count: u32, width: u32, out: usize): usize {
  store<u8>(out, width);
  return writeRunLengths(ids, ids + ((<usize>count) << 2), width, out + 1);
}

/** Writes values as they are. */
export function plain(at: usize, end: usize, out: usize): usize {
  memory.copy(out, at, end - at);
  return out + (end - at);
}

/** Writes booleans, a byte each, as bits, the first in the lowest bit. */
export function bits(at: usize, end: usize, out: usize): usize {
  let to = out;
  for (let next = at; next < end; next += 8, to++) {
    let byte: u32 = 0;
    for (let i: usize = 0; i < 8 && next + i < end; i++) byte |= (<u32>load<u8>(next + i)) << (<u32>i);
    store<u8>(to, byte);
  }
  return to;
}
