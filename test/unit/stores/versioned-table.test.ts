import { describe, expect, it } from 'vitest';
import { type SyncError, UnknownOutcomeError } from '../../../core/errors/index.ts';
import { defineCodec } from '../../../core/stores/codec.ts';
import { MemoryRowTable, type PutCondition, type StoredRow } from '../../../core/stores/index.ts';
import { VersionedTable } from '../../../core/stores/versioned-table.ts';

interface Thing {
  readonly name: string;
  readonly count: number;
  readonly parts?: readonly string[];
}

const codec = defineCodec<Thing>(1, { name: 'text', count: 'int', parts: 'json' });

/** Loses the answers of the puts named in `lost`: before = no effect, after = with effect. */
class LossyTable extends MemoryRowTable {
  puts = 0;
  readonly lost: ReadonlyMap<number, 'before' | 'after'>;
  /** What somebody else writes right after the first effect. */
  meddle: (() => Promise<void>) | undefined;

  constructor(lost: Iterable<readonly [number, 'before' | 'after']>) {
    super();
    this.lost = new Map(lost);
  }

  override async put(row: StoredRow, condition: PutCondition): Promise<'applied' | 'refused'> {
    const how = this.lost.get(this.puts++);
    const outcome = how === 'before' ? 'refused' : await super.put(row, condition);
    if (how !== undefined) {
      await this.meddle?.();
      throw new UnknownOutcomeError('RUN-5007', 'answer lost');
    }
    return outcome;
  }
}

function make(lost: Iterable<readonly [number, 'before' | 'after']> = []) {
  const rows = new LossyTable(lost);
  let nonce = 0;
  const random = { nonce: () => `nonce-${nonce++}`, fraction: () => 0 };
  const table = new VersionedTable<string, Thing>(rows, codec, (id) => ({ scope: 's', id }), random);
  return { rows, table };
}

describe('a conditional write whose answer is lost', () => {
  it('counts as done when it happened', async () => {
    const { table, rows } = make([[0, 'after']]);
    expect(await table.insert('a', { name: 'x', count: 1 })).toBe('created');
    expect(rows.puts).toBe(1);
  });

  it('is repeated when it did not happen', async () => {
    const { table, rows } = make([[0, 'before']]);
    expect(await table.insert('a', { name: 'x', count: 1 })).toBe('created');
    expect(rows.puts).toBe(2);
  });

  it('is refused when somebody else was first', async () => {
    const { table, rows } = make([[1, 'before']]);
    await table.insert('a', { name: 'x', count: 1 });
    const current = await table.get('a');
    rows.meddle = async () => {
      rows.meddle = undefined;
      const columns = { ...codec.encode({ name: 'other', count: 9 }), ver: 2n, nonce: 'theirs' };
      await MemoryRowTable.prototype.put.call(
        rows,
        { key: { scope: 's', id: 'a' }, columns },
        { kind: 'none' },
      );
    };
    expect(await table.replace('a', current!, { name: 'mine', count: 2 })).toBeUndefined();
    expect((await table.get('a'))?.value.name).toBe('other');
  });

  it('is given up after bounded rounds, with the fault', async () => {
    const { table } = make(Array.from({ length: 20 }, (_, i) => [i, 'before'] as const));
    await expect(table.insert('a', { name: 'x', count: 1 })).rejects.toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('a codec', () => {
  it('leaves absent fields absent and keeps the rest', () => {
    const thing = { name: '', count: 0, parts: ['a', 'b'] };
    expect(codec.decode(codec.encode(thing))).toEqual(thing);
    expect(codec.decode(codec.encode({ name: 'n', count: 5 }))).toEqual({ name: 'n', count: 5 });
  });

  it('refuses a row of a later layout by its own code', () => {
    const newer = { ...codec.encode({ name: 'n', count: 5 }), v: 2n };
    expect(() => codec.decode(newer)).toThrowError(
      expect.objectContaining({ code: 'RUN-5009' }) as SyncError,
    );
  });

  it('refuses a column of another type instead of misreading it', () => {
    const wrong = { ...codec.encode({ name: 'n', count: 5 }), count: '5' };
    expect(() => codec.decode(wrong)).toThrowError(/count/);
  });
});
