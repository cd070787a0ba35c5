import { expect, test } from 'vitest';
import { projectColumns } from '../../../core/connectors/ots/projection.ts';
import type { TableSchema } from '../../../core/tablestore/index.ts';

const schema: TableSchema = {
  table: 't',
  key: [
    { name: 'id', type: 'INTEGER' },
    { name: 'tag', type: 'BINARY' },
  ],
  defined: [{ name: 'known', type: 'DOUBLE' }],
};
const named = (...names: string[]) => names.map((name) => ({ kind: 'name', name }) as const);
const numbered = (count: number) => named(...Array.from({ length: count }, (_, i) => `c${i}`));

test('types come from the key; attributes bring their own', () => {
  const constant = { kind: 'constant', type: 'int', value: 1n } as const;
  const { columns, sourceTypes } = projectColumns(
    [...named('tag', 'x', 'known', 'id'), constant],
    schema,
    true,
  );
  expect(columns).toEqual([
    { name: 'tag', type: 'bytes', facts: { nullable: false, keyOrdinal: 2 } },
    { name: 'x', type: 'any' },
    { name: 'known', type: 'any' },
    { name: 'id', type: 'long', facts: { nullable: false, keyOrdinal: 1 } },
    { name: 'constant_5', type: 'long' },
  ]);
  expect(sourceTypes).toEqual([
    'BINARY key',
    'per cell',
    'DOUBLE (predefined)',
    'INTEGER key',
    'constant int',
  ]);
});

test('a key column is asked for so that rows without attributes come too', () => {
  expect(projectColumns(named('x', 'y', 'x'), schema, true).fetch).toEqual(['id', 'x', 'y']);
  expect(projectColumns(named('x', 'id'), schema, false).fetch).toEqual(['x']);
});

test('no attribute travels when none is configured', () => {
  expect(projectColumns(named('tag'), schema, true).fetch).toEqual(['id']);
  expect(projectColumns(named('tag'), schema, false).fetch).toEqual(['id']);
});

test('more names than a request may list: whole rows, unless empty rows are to be left out', () => {
  expect(projectColumns(numbered(127), schema, true).fetch).toHaveLength(128);
  expect(projectColumns(numbered(128), schema, true).fetch).toBeUndefined();
  expect(projectColumns(numbered(128), schema, false).fetch).toHaveLength(128);
  expect(() => projectColumns(numbered(129), schema, false)).toThrow('at most 128');
});
