import { describe, expect, it } from 'vitest';
import type { RowTable, StoredRow } from '../../../core/stores/row-table.ts';

const row = (id: string, ver: bigint, more: Record<string, string | bigint | boolean> = {}): StoredRow => ({
  key: { scope: 's', id },
  columns: { ver, nonce: `n${ver}`, ...more },
});

/** What every row table must do, whatever holds its rows. `make` gives an empty table. */
export function describeRowTable(name: string, make: () => Promise<RowTable>): void {
  describe(`row table: ${name}`, () => {
    it('returns what was put, exactly, and nothing for other keys', async () => {
      const table = await make();
      const columns = {
        text: 'naïve 🧵 "x"\n',
        empty: '',
        big: 2n ** 63n - 1n,
        small: -(2n ** 63n),
        yes: true,
        no: false,
      };
      expect(await table.put(row('a', 1n, columns), { kind: 'absent' })).toBe('applied');
      expect(await table.get({ scope: 's', id: 'a' })).toEqual(row('a', 1n, columns));
      expect(await table.get({ scope: 's', id: 'b' })).toBeUndefined();
      expect(await table.get({ scope: 't', id: 'a' })).toBeUndefined();
    });

    it('inserts only where nothing is', async () => {
      const table = await make();
      await table.put(row('a', 1n, { text: 'first' }), { kind: 'absent' });
      expect(await table.put(row('a', 1n, { text: 'second' }), { kind: 'absent' })).toBe('refused');
      expect((await table.get({ scope: 's', id: 'a' }))?.columns.text).toBe('first');
    });

    it('replaces only the version that was read, and the whole row', async () => {
      const table = await make();
      await table.put(row('a', 1n, { gone: 'x', text: 'one' }), { kind: 'absent' });
      expect(await table.put(row('a', 3n), { kind: 'ver', ver: 2n })).toBe('refused');
      expect(await table.put(row('a', 2n, { text: 'two' }), { kind: 'ver', ver: 1n })).toBe('applied');
      expect(await table.get({ scope: 's', id: 'a' })).toEqual(row('a', 2n, { text: 'two' }));
      expect(await table.put(row('a', 2n, { text: 'late' }), { kind: 'ver', ver: 1n })).toBe('refused');
    });

    it('lets a version condition pass on no missing row and on no row without a version', async () => {
      const table = await make();
      expect(await table.put(row('absent', 2n), { kind: 'ver', ver: 1n })).toBe('refused');
      await table.put({ key: { scope: 's', id: 'bare' }, columns: { text: 'x' } }, { kind: 'none' });
      expect(await table.put(row('bare', 2n), { kind: 'ver', ver: 1n })).toBe('refused');
      expect(await table.get({ scope: 's', id: 'absent' })).toBeUndefined();
    });

    it('lets exactly one of many writers of a version win', async () => {
      const table = await make();
      await table.put(row('a', 1n), { kind: 'absent' });
      const writers = Array.from({ length: 12 }, (_, i) =>
        table.put(row('a', 2n, { who: String(i) }), { kind: 'ver', ver: 1n }),
      );
      const outcomes = await Promise.all(writers);
      expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
      const winner = outcomes.indexOf('applied');
      expect((await table.get({ scope: 's', id: 'a' }))?.columns.who).toBe(String(winner));
    });

    it('scans a scope in byte order, within the limit, and all scopes in order', async () => {
      const table = await make();
      for (const id of ['b', 'a', 'ä', 'B', '10', '9']) await table.put(row(id, 1n), { kind: 'absent' });
      await table.put({ ...row('z', 1n), key: { scope: 'r', id: 'z' } }, { kind: 'absent' });
      const ids = async (scope: string | undefined, limit: number): Promise<string[]> =>
        (await table.scan(scope, limit)).map((found) => found.key.id);
      expect(await ids('s', 100)).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
      expect(await ids('s', 2)).toEqual(['10', '9']);
      expect(await ids(undefined, 2)).toEqual(['z', '10']);
      expect(await ids('none', 5)).toEqual([]);
    });

    it('scans the ids of a span, from its beginning on and before its end', async () => {
      const table = await make();
      for (const id of ['a/1', 'a-1/1', 'a/2', 'a/3', 'a0', 'b/1'])
        await table.put(row(id, 1n), { kind: 'absent' });
      const ids = async (from: string, to: string, limit = 100): Promise<string[]> =>
        (await table.scan('s', limit, { from, to })).map((found) => found.key.id);
      expect(await ids('a/', 'a0')).toEqual(['a/1', 'a/2', 'a/3']);
      expect(await ids('a/2', 'a0')).toEqual(['a/2', 'a/3']);
      expect(await ids('a/1', 'a0', 2)).toEqual(['a/1', 'a/2']);
      expect(await ids('a/4', 'a0')).toEqual([]);
    });

    it('removes, also what is not there', async () => {
      const table = await make();
      await table.put(row('a', 1n), { kind: 'absent' });
      await table.remove({ scope: 's', id: 'a' });
      await table.remove({ scope: 's', id: 'a' });
      expect(await table.get({ scope: 's', id: 'a' })).toBeUndefined();
    });
  });
}
