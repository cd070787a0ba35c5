/** Exact counts of rows, carried by every checkpoint. */
export interface Counters {
  /** Rows that came out of the source. */
  readonly read: number;
  /** Rows handed to the target and accepted. */
  readonly written: number;
  readonly dirty: number;
  /** Bytes of cells read. */
  readonly bytes: number;
  /** Order-free checksum of the rows read: see core/types/row-checksum.ts. 32 hex digits. */
  readonly checksum: string;
}

const MASK_64 = (1n << 64n) - 1n;

/** Nothing counted yet. */
export const zeroCounters: Counters = { read: 0, written: 0, dirty: 0, bytes: 0, checksum: '0'.repeat(32) };

/** Adds two counts; checksums add per 64-bit lane, so order and grouping do not matter. */
export const addCounters = (a: Counters, b: Counters): Counters => ({
  read: a.read + b.read,
  written: a.written + b.written,
  dirty: a.dirty + b.dirty,
  bytes: a.bytes + b.bytes,
  checksum: addChecksums(a.checksum, b.checksum),
});

/** Sum of many counts. */
export const sumCounters = (all: readonly Counters[]): Counters => all.reduce(addCounters, zeroCounters);

function addChecksums(a: string, b: string): string {
  const lane = (from: number): string => {
    const sum = BigInt(`0x${a.slice(from, from + 16)}`) + BigInt(`0x${b.slice(from, from + 16)}`);
    return (sum & MASK_64).toString(16).padStart(16, '0');
  };
  return lane(0) + lane(16);
}
