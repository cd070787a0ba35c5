import { Form, type RowBlock } from '../../../core/types/index.ts';

/** A block of equal rows, each one text cell. */
export function repeated(count: number): RowBlock {
  const bytes = Buffer.from('row 960');
  return {
    columns: [{ name: 'a', type: 'any' }],
    rowCount: count,
    bytes,
    starts: new Uint32Array(count),
    ends: new Uint32Array(count).fill(bytes.length),
    forms: new Uint8Array(count).fill(Form.text),
  };
}

/** The checksum of `count` rows that each have this one. */
export const times = (checksum: string, count: bigint): string =>
  [checksum.slice(0, 16), checksum.slice(16)]
    .map((lane) => BigInt.asUintN(64, BigInt(`0x${lane}`) * count))
    .map((lane) => lane.toString(16).padStart(16, '0'))
    .join('');
