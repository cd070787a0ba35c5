/** The hash of a row in the words of its definition, as in core/kernels/assembly/block/hash.ts, with bigint. */
import type { RowBlock } from '../../../core/types/index.ts';

const A = 0x9e3779b185ebca87n;
const B = 0xc2b2ae3d27d4eb4fn;
const C = 0x9fb21c651e98df25n;
const SEED = 0x27d4eb2f165667c5n;

const word = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => word((value << by) | (value >> (64n - by)));

function finished(h: bigint): bigint {
  const mixed = word((h ^ (h >> 32n)) * A);
  return mixed ^ (mixed >> 29n);
}

/** The hash of one row. */
export function rowHash({ bytes, starts, ends, forms, columns }: RowBlock, row: number): bigint {
  let h = SEED;
  for (let cell = row * columns.length; cell < (row + 1) * columns.length; cell++) {
    const length = ends[cell]! - starts[cell]!;
    const steps = Math.max(1, Math.ceil(length / 16));
    const padded = Buffer.alloc(16 * steps);
    bytes.copy(padded, 0, starts[cell]!, ends[cell]!);
    for (let step = 0; step < steps; step++) {
      const low = padded.readBigUInt64LE(16 * step);
      const high = padded.readBigUInt64LE(16 * step + 8);
      const head = step === steps - 1 ? (BigInt(forms[cell]!) << 32n) | BigInt(length) : 0n;
      h = word(rotate(h ^ word((word(low * A) ^ rotate(word(high * B), 32n)) + head), 27n) * C);
    }
  }
  return finished(h);
}

/** The checksum of all rows. */
export function checksumOf(block: RowBlock): string {
  const hashes = Array.from({ length: block.rowCount }, (_, row) => rowHash(block, row));
  const sum = (values: readonly bigint[]): string =>
    word(values.reduce((all, value) => all + value, 0n))
      .toString(16)
      .padStart(16, '0');
  return sum(hashes) + sum(hashes.map((hash) => finished(hash ^ B)));
}
