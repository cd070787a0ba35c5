/**
 * Distinct values in PLAIN form, each with an id, from 0 in order of appearance.
 *
 *     entries   the distinct values one after the other
 *     slots     open addressing: u64 each, hash << 32 | id + 1, or 0
 *     places    byte strings only: u32 per entry, where its bytes begin
 *     ids       u32 per value
 *
 * Slots are as many as their caller made room for at most, a power of two; they become more as entries do.
 */

const FIRST_SLOTS: u32 = 4096;
/** Values after which the dictionary is judged, and the distinct ones in a hundred above which it is given up. */
const JUDGED_VALUES: u32 = 16 * 1024;
const MAX_DISTINCT: u32 = 80;

let entries: usize = 0;
let entriesEnd: usize = 0;
let entriesLimit: usize = 0;
let count: u32 = 0;
let slots: usize = 0;
let mask: u32 = 0;
let maxSlots: u32 = 0;
let places: usize = 0;

/** Sets the space: entries up to `limit`, of which none exist yet, slots, and places. */
export function setDictionary(
  at: usize,
  limit: usize,
  slotsAt: usize,
  slotCount: u32,
  placesAt: usize,
): void {
  entries = entriesEnd = at;
  entriesLimit = limit;
  count = 0;
  slots = slotsAt;
  maxSlots = slotCount;
  places = placesAt;
  clear(min(FIRST_SLOTS, slotCount));
}

/** Entries so far, and where they end. */
export function entryCount(): u32 {
  return count;
}
export function entryEnd(): usize {
  return entriesEnd;
}

/** Takes the values of 4 bytes in `[at, end)`; writes their ids. False if the dictionary is given up or full. */
export function ids32(at: usize, end: usize, ids: usize, isJudged: bool): bool {
  let to = ids;
  for (let next = at; next < end; next += 4, to += 4) {
    const value = load<u32>(next);
    const hash = mix(value);
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const held = <u32>load<u64>(slotAt(slot));
      if (held === 0) {
        if (!add(slot, hash, next, 4)) return false;
        store<u32>(to, count - 1);
        break;
      }
      if (load<u32>(entries + ((<usize>(held - 1)) << 2)) === value) {
        store<u32>(to, held - 1);
        break;
      }
    }
    if (isJudged && to - ids === (JUDGED_VALUES - 1) << 2 && isDiverse()) return false;
  }
  return true;
}

/** The same of values of 8 bytes. */
export function ids64(at: usize, end: usize, ids: usize, isJudged: bool): bool {
  let to = ids;
  for (let next = at; next < end; next += 8, to += 4) {
    const value = load<u64>(next);
    const hash = mix(value);
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const held = <u32>load<u64>(slotAt(slot));
      if (held === 0) {
        if (!add(slot, hash, next, 8)) return false;
        store<u32>(to, count - 1);
        break;
      }
      if (load<u64>(entries + ((<usize>(held - 1)) << 3)) === value) {
        store<u32>(to, held - 1);
        break;
      }
    }
    if (isJudged && to - ids === (JUDGED_VALUES - 1) << 2 && isDiverse()) return false;
  }
  return true;
}

/** The same of byte strings: of `fixed` bytes, or with their length in 4 bytes before them if it is 0. */
export function idsBytes(at: usize, end: usize, fixed: u32, ids: usize, isJudged: bool): bool {
  const head: usize = fixed ? 0 : 4;
  let to = ids;
  for (let next = at; next < end; to += 4) {
    const length: usize = fixed ? fixed : load<u32>(next);
    const from = next + head;
    if (from > end || length > end - from) return false;
    const id = idOf(from, length, head);
    if (id < 0) return false;
    store<u32>(to, id);
    next = from + length;
    if (isJudged && to - ids === (JUDGED_VALUES - 1) << 2 && isDiverse()) return false;
  }
  return true;
}

function idOf(from: usize, length: usize, head: usize): i32 {
  const hash = hashOf(from, length);
  let slot = hash & mask;
  while (true) {
    const held = load<u64>(slotAt(slot));
    const id = <i32>held - 1;
    if (id < 0) {
      const place = entriesEnd + head;
      if (!add(slot, hash, from - head, length + head)) return -1;
      store<u32>(places + ((<usize>(count - 1)) << 2), <u32>place);
      return <i32>count - 1;
    }
    if (<u32>(held >> 32) === hash && isEntry(id, from, length, head)) return id;
    slot = (slot + 1) & mask;
  }
}

function isEntry(id: u32, from: usize, length: usize, head: usize): bool {
  const place = <usize>load<u32>(places + ((<usize>id) << 2));
  if (head !== 0 && load<u32>(place - 4) !== <u32>length) return false;
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(place + i) !== load<u64>(from + i)) return false;
  if (i === length) return true;
  return (load<u64>(place + i) ^ load<u64>(from + i)) << ((8 - (<u64>length & 7)) << 3) === 0;
}

function isDiverse(): bool {
  return count * 100 > MAX_DISTINCT * JUDGED_VALUES;
}

function slotAt(slot: u32): usize {
  return slots + ((<usize>slot) << 3);
}

function mix(value: u64): u32 {
  return <u32>((value * 0x9e3779b97f4a7c15) >> 32);
}

function hashOf(from: usize, length: usize): u32 {
  let hash: u64 = length;
  let at = from;
  for (const last = from + (length & ~7); at < last; at += 8) {
    hash = rotl<u64>((hash ^ load<u64>(at)) * 0x9e3779b97f4a7c15, 29);
  }
  const rest = <u64>length & 7;
  if (rest) hash = rotl<u64>((hash ^ (load<u64>(at) << ((8 - rest) << 3))) * 0x9e3779b97f4a7c15, 29);
  return mix(hash);
}

/** Appends an entry that belongs into a free slot; false if it is full. */
function add(slot: u32, hash: u32, from: usize, length: usize): bool {
  if (length > entriesLimit - entriesEnd || count >= maxSlots >> 1) return false;
  memory.copy(entriesEnd, from, length);
  entriesEnd += length;
  count++;
  store<u64>(slotAt(slot), ((<u64>hash) << 32) | count);
  if (count > mask >> 1 && mask < maxSlots - 1) rehash();
  return true;
}

function clear(slotCount: u32): void {
  mask = slotCount - 1;
  memory.fill(slots, 0, (<usize>slotCount) << 3);
}

/** Makes the slots four times as many. Those that were there are read from a copy behind the new ones. */
function rehash(): void {
  const before = mask + 1;
  const after = min(before << 2, maxSlots);
  const held = slots + ((<usize>after) << 3);
  memory.copy(held, slots, (<usize>before) << 3);
  clear(after);
  for (let i: u32 = 0; i < before; i++) {
    const item = load<u64>(held + ((<usize>i) << 3));
    if (item === 0) continue;
    let slot = <u32>(item >> 32) & mask;
    while (load<u64>(slotAt(slot)) !== 0) slot = (slot + 1) & mask;
    store<u64>(slotAt(slot), item);
  }
}
