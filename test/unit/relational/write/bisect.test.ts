import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../../../../core/errors/index.ts';
import { loadBisecting, RefusedRow } from '../../../../core/relational/write/bisect.ts';

const refusal = (): SyncError => new SyncError('DST-4026', 'data', 'refused');

/** A target that refuses some rows, with a hint that may be right, wrong or missing. */
function table(bad: ReadonlySet<number>, hint: (from: number, to: number) => number | undefined) {
  const rows: number[] = [];
  let calls = 0;
  const load = async (from: number, to: number): Promise<void> => {
    calls++;
    const range = Array.from({ length: to - from }, (_, i) => from + i);
    if (!range.some((row) => bad.has(row))) return void rows.push(...range);
    const offset = hint(from, to);
    throw offset === undefined ? refusal() : new RefusedRow(refusal(), { offset });
  };
  return { rows, load, calls: () => calls };
}

describe('writing the halves of a refused batch', () => {
  it('writes every good row once, in order, and returns the bad ones, whatever the hints say', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.nat(59)),
        fc.array(fc.option(fc.integer({ min: -2, max: 70 }), { nil: undefined })),
        async (count, badRows, hints) => {
          const bad = new Set(badRows);
          let n = 0;
          const target = table(bad, () => hints[n++]);
          const refusals = await loadBisecting(target.load, 0, count);
          const all = Array.from({ length: count }, (_, i) => i);
          expect(target.rows).toEqual(all.filter((row) => !bad.has(row)));
          expect(refusals.map(({ fragment }) => fragment)).toEqual(all.filter((row) => bad.has(row)));
        },
      ),
    );
  });

  it('asks three times for one bad row that the server points at', async () => {
    const target = table(new Set([700]), (from) => 700 - from);
    await loadBisecting(target.load, 0, 1000);
    expect(target.calls()).toBe(4);
  });

  it('asks a logarithmic number of times for one bad row without a hint', async () => {
    const target = table(new Set([700]), () => undefined);
    await loadBisecting(target.load, 0, 1024);
    expect(target.calls()).toBeLessThanOrEqual(2 * 10 + 1);
  });

  it('asks at most about twice per row when every row is bad, in spite of hints', async () => {
    const target = table(new Set(Array.from({ length: 1000 }, (_, i) => i)), () => 0);
    expect(await loadBisecting(target.load, 0, 1000)).toHaveLength(1000);
    expect(target.calls()).toBeLessThan(2100);
  });

  it('ends at once with any other fault', async () => {
    const lost = new SyncError('DST-4001', 'transient', 'gone');
    let calls = 0;
    const load = async (): Promise<void> => {
      calls++;
      throw lost;
    };
    await expect(loadBisecting(load, 0, 100)).rejects.toBe(lost);
    expect(calls).toBe(1);
  });
});
