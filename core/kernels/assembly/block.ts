/**
 * What runs over every cell of a row block. In memory, one after the other as the caller laid them out:
 *
 *     bytes     what cells point into
 *     starts    u32 per cell: where it begins in `bytes`
 *     ends      u32 per cell: where it ends
 *     forms     u8 per cell (core/types/row-block.ts)
 *     out       what a function writes
 *
 * Cells come row after row. `measure` must have found the bounds good before any other function reads them.
 */
export { encode, encodedRows, settings } from './block/delimited';
export { hashRows } from './block/hash';
export { measure } from './block/measure';

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}
