import { describe, expect, it } from 'vitest';
import type { CellJson } from '../../../core/dirty/cell-json.ts';
import type { Column } from '../../../core/types/index.ts';
import { pairRows } from '../../../core/verify/pairing.ts';

const keyed: readonly Column[] = [
  { name: 'id', type: 'string', facts: { keyOrdinal: 1 } },
  { name: 'a', type: 'string' },
  { name: 'b', type: 'string' },
];
const plain = keyed.map(({ name, type }): Column => ({ name, type }));
const odd = (...rows: (readonly CellJson[])[]) => rows.map((cells) => ({ cells, times: 1 }));
const pair = (columns: readonly Column[], missing: (readonly CellJson[])[], extra: (readonly CellJson[])[]) =>
  pairRows({ missing: odd(...missing), extra: odd(...extra), unseenBuckets: 0 }, columns);

describe('rows that differ', () => {
  it('are paired by their key, with the cells that differ', () => {
    expect(pair(keyed, [['1', 'x', null]], [['1', 'y', 'z']])).toEqual([
      {
        kind: 'different',
        row: ['1', 'x', null],
        times: 1,
        cells: [
          { column: 'a', expected: 'x', found: 'y' },
          { column: 'b', expected: null, found: 'z' },
        ],
      },
    ]);
  });

  it('with other keys are missing and extra, however alike', () => {
    const kinds = pair(keyed, [['1', 'x', 'y']], [['2', 'x', 'y']]).map(({ kind }) => kind);
    expect(kinds).toEqual(['missing', 'extra']);
  });

  it('whose key is not theirs alone stay apart', () => {
    const kinds = pair(
      keyed,
      [['1', 'x', 'y']],
      [
        ['1', 'a', 'b'],
        ['1', 'c', 'd'],
      ],
    ).map(({ kind }) => kind);
    expect(kinds).toEqual(['missing', 'extra', 'extra']);
  });

  it('without a key are paired by likeness, the most alike first', () => {
    const found = pair(
      plain,
      [
        ['1', 'x', 'y'],
        ['9', 'p', 'q'],
      ],
      [
        ['2', 'x', 'z'],
        ['1', 'x', 'z'],
        ['7', 'r', 's'],
      ],
    );
    expect(found).toMatchObject([
      { kind: 'different', row: ['1', 'x', 'y'], cells: [{ column: 'b', expected: 'y', found: 'z' }] },
      { kind: 'missing', row: ['9', 'p', 'q'] },
      { kind: 'extra', row: ['2', 'x', 'z'] },
      { kind: 'extra', row: ['7', 'r', 's'] },
    ]);
  });

  it('nulls on both sides make no likeness', () => {
    const kinds = pair(plain, [['1', null, null]], [['2', null, null]]).map(({ kind }) => kind);
    expect(kinds).toEqual(['missing', 'extra']);
  });
});
