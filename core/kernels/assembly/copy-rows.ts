/**
 * Rows in the answer to COPY … TO STDOUT in text format.
 *
 *   input    protocol messages: 1 byte type · 4 bytes length, big-endian, itself included · body
 *   row      the body of a message of type d: fields with tabs between them and a line feed at the end; \N is null; a
 *            backslash begins one of \b \f \n \r \t \v \\, any other character after it stands for itself
 *   output   field `row * fields + field`: u32 start and u32 end, u8 form (0 null, 1 text), each in a list of its own;
 *            escapes are undone in place
 */
const HEADER_BYTES: usize = 5;
const COPY_DATA: u8 = 0x64;
const TAB: u8 = 0x09;
const LINE_FEED: u8 = 0x0a;
const BACKSLASH: u8 = 0x5c;
const CAPITAL_N: u8 = 0x4e;

const NULL_FORM: u8 = 0;
const TEXT_FORM: u8 = 1;

const DONE: u32 = 0;
const FEW_FIELDS: u32 = 1;
const MANY_FIELDS: u32 = 2;
const BROKEN: u32 = 3;

/** Bytes whose marks fit into one number. */
const STRIDE: usize = 64;

let reachedAt: usize = 0;
let foundRows: u32 = 0;
let escapes: u32 = 0;

/** Where the memory is free. */
export function arena(): usize {
  return __heap_base;
}

/** Address of the first message that the last scan left: not complete, of another type, or one row too many. */
export function reached(): usize {
  return reachedAt;
}

/** Rows that the last scan found. */
export function rowCount(): u32 {
  return foundRows;
}

/** Fields in which the last scan undid escapes. */
export function escaped(): u32 {
  return escapes;
}

/**
 * Finds rows in the messages of `[input, end)`: at most `rows`, none that begins at `enough` or later. Bounds are
 * counted from `origin`. Returns 0, or what is wrong with the message at `reached()`.
 */
export function scan(
  input: usize,
  end: usize,
  enough: usize,
  origin: usize,
  rows: u32,
  fields: u32,
  starts: usize,
  ends: usize,
  forms: usize,
): u32 {
  memory.fill(forms, TEXT_FORM, rows * fields);
  escapes = 0;
  foundRows = 0;
  reachedAt = input;
  while (foundRows < rows && reachedAt < enough) {
    const next = messageEnd(reachedAt, end);
    if (next === 0 || load<u8>(reachedAt) !== COPY_DATA) break;
    const code = row(reachedAt + HEADER_BYTES, next - 1, origin, fields, starts, ends, forms);
    if (code !== DONE) return code;
    starts += fields << 2;
    ends += fields << 2;
    forms += fields;
    reachedAt = next;
    foundRows++;
  }
  return DONE;
}

/** End of a message that has a body; 0 if it is not here as a whole. */
function messageEnd(at: usize, end: usize): usize {
  if (end - at <= HEADER_BYTES) return 0;
  const size: usize = bswap<u32>(load<u32>(at, 1));
  return size < HEADER_BYTES || size > end - at - 1 ? 0 : at + 1 + size;
}

/** One row, whose line feed is at `stop`. */
function row(
  at: usize,
  stop: usize,
  origin: usize,
  fields: u32,
  starts: usize,
  ends: usize,
  forms: usize,
): u32 {
  if (load<u8>(stop) !== LINE_FEED) return BROKEN;
  const last = starts + (fields << 2) - 4;
  let from = at;
  let slash: usize = 0;
  for (; at < stop; at += STRIDE) {
    const within = mask(stop - at);
    let slashes = marks(at, BACKSLASH) & within;
    for (let tabs = marks(at, TAB) & within; tabs !== 0; tabs &= tabs - 1) {
      if (starts === last) return MANY_FIELDS;
      const to = at + <usize>ctz(tabs);
      store<u32>(starts, from - origin);
      store<u32>(ends, to - origin);
      if (slash !== 0 || slashes !== 0) {
        const before = slashes & ((tabs & -tabs) - 1);
        if (slash === 0 && before !== 0) slash = at + <usize>ctz(before);
        slashes ^= before;
        if (slash !== 0 && !undo(from, slash, to, ends, forms)) return BROKEN;
        slash = 0;
      }
      from = to + 1;
      starts += 4;
      ends += 4;
      forms++;
    }
    if (slash === 0 && slashes !== 0) slash = at + <usize>ctz(slashes);
  }
  if (starts !== last) return FEW_FIELDS;
  store<u32>(starts, from - origin);
  store<u32>(ends, stop - origin);
  return slash === 0 || undo(from, slash, stop, ends, forms) ? DONE : BROKEN;
}

/** A bit for each of the next bytes that belongs to the row. */
function mask(rest: usize): u64 {
  return rest >= STRIDE ? u64.MAX_VALUE : ((<u64>1) << rest) - 1;
}

/** A bit for each of the next bytes that is this one. */
function marks(at: usize, byte: u8): u64 {
  return (
    quarter(at, byte) |
    (quarter(at + 16, byte) << 16) |
    (quarter(at + 32, byte) << 32) |
    (quarter(at + 48, byte) << 48)
  );
}

function quarter(at: usize, byte: u8): u64 {
  return <u64>(<u32>i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(byte))));
}

/** Makes the field `[from, to)`, whose first backslash is at `slash`, what it stands for. False if that is nothing. */
function undo(from: usize, slash: usize, to: usize, ends: usize, forms: usize): bool {
  if (slash === from && to === from + 2 && load<u8>(from, 1) === CAPITAL_N) {
    store<u8>(forms, NULL_FORM);
    store<u32>(ends, load<u32>(ends) - 2);
    return true;
  }
  let target = slash;
  for (let at = slash; at < to; at++) {
    let byte = load<u8>(at);
    if (byte === BACKSLASH) {
      if (++at === to) return false;
      byte = meaning(load<u8>(at));
    }
    store<u8>(target++, byte);
  }
  store<u32>(ends, load<u32>(ends) - (to - target));
  escapes++;
  return true;
}

/** What a character behind a backslash stands for. */
function meaning(letter: u8): u8 {
  switch (letter) {
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    case 0x76:
      return 11;
    default:
      return letter;
  }
}
