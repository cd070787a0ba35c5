/** Keeps the order of rows of one key although batches are in flight together. */
import type { EncodedRows } from './encoded-rows.ts';

/**
 * Fragments in waves: the first row of each key, then the second of each, and so on, each wave in source order. A
 * wave holds no key twice, so its rows may be written in any order; the next one begins when it is acknowledged.
 */
export function wavesOf(rows: EncodedRows): readonly (readonly number[])[] {
  const turns = turnsOf(rows);
  const waves: number[][] = [];
  for (let i = 0; i < rows.count; i++) {
    const turn = turns[i]!;
    if (turn === waves.length) waves.push([]);
    waves[turn]!.push(i);
  }
  return waves;
}

/** How many earlier rows have the same key, per fragment. */
function turnsOf(rows: EncodedRows): Uint32Array {
  const { count } = rows;
  const slots = 2 ** Math.ceil(Math.log2(2 * count + 1));
  /** First fragment of a key + 1; 0 = free. */
  const firsts = new Uint32Array(slots);
  const seen = new Uint32Array(count);
  const turns = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    let slot = hashOf(rows, i) & (slots - 1);
    while (firsts[slot] !== 0 && !sameKey(rows, firsts[slot]! - 1, i)) slot = (slot + 1) & (slots - 1);
    if (firsts[slot] === 0) firsts[slot] = i + 1;
    const first = firsts[slot]! - 1;
    turns[i] = seen[first]!;
    seen[first] = seen[first]! + 1;
  }
  return turns;
}

function hashOf({ bytes, starts, keyEnds }: EncodedRows, i: number): number {
  let hash = 0x811c9dc5;
  for (let at = starts[i]!, end = keyEnds[i]!; at < end; at++)
    hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function sameKey({ bytes, starts, keyEnds }: EncodedRows, a: number, b: number): boolean {
  return bytes.compare(bytes, starts[b]!, keyEnds[b]!, starts[a]!, keyEnds[a]!) === 0;
}
