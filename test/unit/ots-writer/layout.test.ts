import { describe, expect, it } from 'vitest';
import { ots } from '../../../core/connectors/ots/index.ts';
import { fitLayout } from '../../../core/connectors/ots/write/layout.ts';
import type { OtsWriterConfig } from '../../../core/connectors/ots/write/writer-config.ts';
import { ConfigError } from '../../../core/errors/index.ts';
import type { TableSchema } from '../../../core/tablestore/index.ts';
import type { Column } from '../../../core/types/index.ts';

const schema: TableSchema = {
  table: 't',
  key: [
    { name: 'p', type: 'STRING' },
    { name: 'q', type: 'INTEGER' },
  ],
  defined: [{ name: 'known', type: 'DOUBLE' }],
};
const config = (changes: object = {}): OtsWriterConfig =>
  ots.writer!.schema.parse({
    endpoint: 'http://127.0.0.1:1',
    instanceName: 'inst',
    accessId: 'id',
    accessKey: 'secret',
    table: 't',
    primaryKey: [
      { name: 'p', type: 'string' },
      { name: 'q', type: 'int' },
    ],
    column: [{ name: 'a', type: 'double' }],
    writeMode: 'PutRow',
    ...changes,
  });
const columns: readonly Column[] = [
  { name: 'x', type: 'string' },
  { name: 'y', type: 'long' },
  { name: 'z', type: 'double' },
];

function faults(changes: object, source: readonly Column[] = columns): string[] {
  try {
    fitLayout(config(changes), schema, source);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ code, path, message }) => `${code} ${path}: ${message}`);
  }
}
const KEY = 'the primary key of `t` is (p STRING, q INTEGER)';

describe('columns against the table', () => {
  it('are described in the order of the source', () => {
    const {
      described,
      columns: written,
      notes,
    } = fitLayout(config({ primaryKey: ['q', 'p'] }), schema, [columns[1]!, columns[0]!, columns[2]!]);
    expect(described.map(({ name, type, lossy }) => `${name} ${type} ${lossy}`)).toEqual([
      'q INTEGER key false',
      'p STRING key false',
      'a DOUBLE false',
    ]);
    expect(written.map(({ name, source }) => `${name} ${source}`)).toEqual(['p 1', 'q 0', 'a 2']);
    expect(notes.map(({ message }) => message)).toEqual([
      'PutRow: a row of the same key is replaced as a whole; null attributes are left out',
      'primaryKey is in another order than in the table: names decide',
    ]);
  });

  it('tell every misfit of the key at once', () => {
    expect(faults({ primaryKey: [{ name: 'p', type: 'int' }, 'other'] })).toEqual([
      `DST-4041 primaryKey[0]: \`p\` is not of type INTEGER: ${KEY}`,
      `DST-4041 primaryKey[1]: \`other\` is no key column: ${KEY}`,
      `DST-4041 primaryKey: \`q\` is missing: ${KEY}`,
    ]);
  });

  it('tell misfits of attributes and of their number', () => {
    const column = [
      { name: 'known', type: 'string' },
      { name: 'b', type: 'int' },
    ];
    expect(faults({ column })).toEqual([
      'DST-4042 column[0]: `known` is predefined as DOUBLE, not STRING',
      'DST-4042 column: the source has 3 columns, primaryKey and column 4',
    ]);
    expect(
      faults({
        primaryKey: ['p'],
        column: [
          { name: 'q', type: 'int' },
          { name: 'a', type: 'int' },
        ],
      }),
    ).toEqual([
      `DST-4041 primaryKey: \`q\` is missing: ${KEY}`,
      'DST-4042 column[0]: `q` is a key column of the table',
    ]);
  });

  it('refuse what cannot be, and what loses something unless allowed', () => {
    const decimal: Column = { name: 'z', type: 'decimal', facts: { precision: 30, scale: 2 } };
    const wide = [columns[0]!, columns[1]!, decimal];
    expect(faults({}, wide)).toEqual([
      'DST-4022 column: `z` → `a` DOUBLE: a 64-bit float keeps 15 digits; `"allowLossy": true` allows it',
    ]);
    const allowed = fitLayout(config({ allowLossy: true }), schema, wide);
    expect(allowed.described[2]).toMatchObject({ lossy: true });
    expect(allowed.notes[0]).toMatchObject({ level: 'warning' });
    const bytes: Column = { name: 'y', type: 'bytes' };
    expect(faults({}, [columns[0]!, bytes, columns[2]!])[0]).toMatch(/^DST-4022 primaryKey: `y` → `q`/);
  });
});
