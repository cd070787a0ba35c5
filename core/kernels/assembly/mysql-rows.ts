/**
 * Rows of MySQL's text protocol, whose layout core/connectors/mysql/read/row-scanner.ts has.
 *
 *   input   packets as they came
 *   kinds   a byte per field of a row: the form of a value, and 0x80 if the date 0000-00-00 is a null
 *   output  field after field, row after row: u32 start · u32 end · u8 form, in three lists; of a null the bounds are
 *           the same and the form is 0
 *
 * Only plain rows are taken: whole packets of less than 16 MiB whose fields fill them. What is anything else, the end and
 * the damaged included, is left to the caller, and so is everything after it.
 */
const HEADER_BYTES: usize = 4;
const LONGEST_PAYLOAD: u32 = 0xffffff;
/** First bytes of a field from which on they are no length. */
const NULL_FIELD: u32 = 0xfb;
const LENGTH_2: u32 = 0xfc;
const LENGTH_3: u32 = 0xfd;
const ZERO_DATE: u32 = 0x80;
/** `0000-00-` and `00`, as they are loaded. */
const ZERO_DATE_HEAD: u64 = 0x2d30302d30303030;
const ZERO_DATE_TAIL: u32 = 0x3030;
const DATE_BYTES: u32 = 10;

let taken: usize = 0;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Where the last call stopped: behind the rows that it took. */
export function stop(): usize {
  return taken;
}

/**
 * Takes rows from `[at, end)` until `limit` is reached or `most` are taken, and returns how many. Bounds count from
 * `origin`.
 */
export function scan(
  at: usize,
  end: usize,
  limit: usize,
  origin: usize,
  most: u32,
  kinds: usize,
  fields: u32,
  starts: usize,
  ends: usize,
  forms: usize,
): u32 {
  let rows: u32 = 0;
  while (rows < most && at < limit && at + HEADER_BYTES <= end) {
    const payload = load<u32>(at) & LONGEST_PAYLOAD;
    const next = at + HEADER_BYTES + payload;
    if (payload === LONGEST_PAYLOAD || next > end) break;
    if (!row(at + HEADER_BYTES, next, origin, kinds, fields, starts, ends, forms)) break;
    at = next;
    starts += fields << 2;
    ends += fields << 2;
    forms += fields;
    rows++;
  }
  taken = at;
  return rows;
}

/** Takes one row. False = it is no plain one. */
function row(
  at: usize,
  end: usize,
  origin: usize,
  kinds: usize,
  fields: u32,
  starts: usize,
  ends: usize,
  forms: usize,
): bool {
  for (let field: usize = 0; field < fields; field++) {
    if (at >= end) return false;
    const first: u32 = load<u8>(at++);
    let size = first;
    let form: u32 = load<u8>(kinds + field);
    if (first >= NULL_FIELD) {
      if (first > LENGTH_3) return false;
      at += lengthBytes(first);
      size = longSize(first, at);
      if (first === NULL_FIELD) form = 0;
    }
    if (form & ZERO_DATE) form = isZeroDate(at, size) ? 0 : form ^ ZERO_DATE;
    store<u32>(starts + (field << 2), <u32>(at - origin));
    store<u32>(ends + (field << 2), <u32>(at - origin) + (form ? size : 0));
    store<u8>(forms + field, form);
    at += size;
  }
  return at === end;
}

/** Bytes of the length behind the first one. */
function lengthBytes(first: u32): usize {
  return first === NULL_FIELD ? 0 : first === LENGTH_2 ? 2 : 3;
}

/** The length that ends before `at`. */
function longSize(first: u32, at: usize): u32 {
  if (first === NULL_FIELD) return 0;
  return first === LENGTH_2 ? load<u16>(at - 2) : load<u32>(at - 3) & LONGEST_PAYLOAD;
}

function isZeroDate(at: usize, size: u32): bool {
  return size >= DATE_BYTES && load<u64>(at) === ZERO_DATE_HEAD && load<u16>(at, 8) === ZERO_DATE_TAIL;
}
