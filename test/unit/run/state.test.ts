import { describe, expect, it } from 'vitest';
import { change, type StateTable, type Versioned } from '../../../core/run/index.ts';

/** One row under one key, with somebody else who changes it before each of the first `rivals` writes. */
class ContestedRow implements StateTable<string, number> {
  #row: Versioned<number> | undefined;
  #rivals: number;
  reads = 0;
  writes = 0;

  constructor(value: number | undefined, rivals = 0) {
    this.#row = value === undefined ? undefined : { value, ver: 1n };
    this.#rivals = rivals;
  }

  async get(): Promise<Versioned<number> | undefined> {
    this.reads++;
    return this.#row;
  }

  async insert(): Promise<'exists'> {
    return 'exists';
  }

  async replace(
    _key: string,
    current: Versioned<number>,
    next: number,
  ): Promise<Versioned<number> | undefined> {
    this.writes++;
    if (this.#rivals-- > 0) this.#row = { value: this.#row!.value + 100, ver: this.#row!.ver + 1n };
    if (this.#row?.ver !== current.ver) return undefined;
    this.#row = { value: next, ver: current.ver + 1n };
    return this.#row;
  }

  async remove(): Promise<void> {
    this.#row = undefined;
  }
}

const plusOne = (value: number) => ({ result: `from ${value}`, next: value + 1 });

describe('a change of a row', () => {
  it('stores what the decision makes of it and returns the row as stored', async () => {
    const table = new ContestedRow(7);
    expect(await change(table, 'k', plusOne)).toEqual({ result: 'from 7', row: { value: 8, ver: 2n } });
    expect((await table.get())?.value).toBe(8);
  });

  it('decides anew on the row of whoever was first', async () => {
    const table = new ContestedRow(7, 2);
    expect(await change(table, 'k', plusOne)).toEqual({ result: 'from 207', row: { value: 208, ver: 4n } });
    expect(table.writes).toBe(3);
  });

  it('writes nothing when there is nothing to change, also after a lost race', async () => {
    const table = new ContestedRow(7, 1);
    const { result, row } = await change(table, 'k', (value) =>
      value === 7 ? { result: 'tried', next: 8 } : { result: 'given up' },
    );
    expect(result).toBe('given up');
    expect(row).toEqual({ value: 107, ver: 2n });
    expect(table.writes).toBe(1);
    expect((await table.get())?.value).toBe(107);
  });

  it('begins with the row that is known, without reading it', async () => {
    const table = new ContestedRow(7);
    await change(table, 'k', plusOne, { value: 7, ver: 1n });
    expect(table.reads).toBe(0);
    const { row } = await change(table, 'k', plusOne, { value: 7, ver: 1n });
    expect(row.value).toBe(9);
  });

  it('is refused without a row', async () => {
    await expect(change(new ContestedRow(undefined), 'k', plusOne)).rejects.toMatchObject({
      code: 'RUN-5003',
      kind: 'config',
      message: 'no such row: "k"',
    });
  });

  it('gives up after fifty lost races, to be tried again later', async () => {
    expect((await change(new ContestedRow(0, 49), 'k', plusOne)).row.value).toBe(4901);
    const table = new ContestedRow(0, 1000);
    await expect(change(table, 'k', plusOne)).rejects.toMatchObject({ code: 'RUN-5007', kind: 'transient' });
    expect(table.writes).toBe(50);
  });
});
