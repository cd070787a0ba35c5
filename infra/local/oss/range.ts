/** The Range header of a GET. */

/** Bytes [start, end) to send, `whole` to ignore the header, or `unsatisfiable` for 416. */
export type RangeChoice = { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable';

/**
 * Chooses the bytes. By default a range that is malformed, or whose start or end lies beyond the object, is
 * ignored and the whole object sent; with `x-oss-range-behavior: standard` the end is clipped and an
 * impossible start refused.
 */
export function chooseRange(header: string | undefined, size: number, standard: boolean): RangeChoice {
  if (header === undefined) return 'whole';
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  const [, first, last] = match;
  if (first === '') return suffixRange(Number(last), size, standard);
  const start = Number(first);
  const end = last === '' ? size : Number(last) + 1;
  if (last !== '' && end <= start) return 'whole';
  if (start >= size) return standard ? 'unsatisfiable' : 'whole';
  if (end > size) return standard ? { start, end: size } : 'whole';
  return { start, end };
}

function suffixRange(length: number, size: number, standard: boolean): RangeChoice {
  if (length === 0 || size === 0) return standard ? 'unsatisfiable' : 'whole';
  if (length > size) return standard ? { start: 0, end: size } : 'whole';
  return { start: size - length, end: size };
}
