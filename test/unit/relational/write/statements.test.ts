import { describe, expect, it } from 'vitest';
import { memberCaster, membersOf, offsetCaster } from '../../../../core/connectors/mysql/write/refine.ts';
import * as mysql from '../../../../core/connectors/mysql/write/statements.ts';
import * as postgres from '../../../../core/connectors/postgresql/write/statements.ts';
import { CastCell, createCaster, type TargetType } from '../../../../core/convert/index.ts';
import type { EncodedColumn } from '../../../../core/relational/write/encoded-column.ts';
import { statementsOf } from '../../../../core/relational/write/once-statements.ts';
import type { ConflictRule, LoadLayout, TargetField } from '../../../../core/relational/write/target.ts';
import { type Column, RowBlockBuilder } from '../../../../core/types/index.ts';

const field = (name: string, serverType = 'text', generated = false): TargetField => ({
  name,
  serverType,
  target: { kind: 'string' },
  nullable: true,
  optional: true,
  generated,
});

const layout = (rule: ConflictRule, updated: string[] = []): LoadLayout => ({
  table: {
    fields: [field('id'), field('a"`b'), field('rest'), field('sum', 'int', true)],
    primaryKey: ['id'],
    uniqueKeys: [['id']],
  },
  fields: [field('id'), field('a"`b')],
  rule,
  conflictKey: rule === 'fail' || rule === 'keep' ? [] : ['id'],
  updated,
});

describe('statements of MySQL', () => {
  it.each([
    ['fail', [], 'INSERT INTO `t` (`id`,`a"``b`) VALUES ', ''],
    ['replace', [], 'REPLACE INTO `t` (`id`,`a"``b`) VALUES ', ''],
    ['keep', [], 'INSERT INTO `t` (`id`,`a"``b`) VALUES ', ' ON DUPLICATE KEY UPDATE `t`.`id` = `t`.`id`'],
    [
      'update',
      ['id', 'a"`b'],
      'INSERT INTO `t` (`id`,`a"``b`) VALUES ',
      ' ON DUPLICATE KEY UPDATE `id` = VALUES(`id`),`a"``b` = VALUES(`a"``b`)',
    ],
  ] as const)('%s', (rule, updated, head, tail) => {
    expect(mysql.rowStatement('`t`', layout(rule, [...updated]))).toEqual({ head, tail });
  });

  it('turn digits of a file back into bytes and bits', () => {
    const fields = [field('id', 'bigint'), field('b', 'blob'), field('f', 'bit(5)'), field('g', 'bit(9)')];
    const kinds: TargetType[] = [
      { kind: 'long', bits: 64, unsigned: false },
      { kind: 'bytes' },
      { kind: 'long', bits: 64, unsigned: true },
      { kind: 'bytes' },
    ];
    const columns = kinds.map((target, i): EncodedColumn => {
      const caster = createCaster({ name: 'c', type: 'any' }, target, { timeZone: 'UTC' });
      return { name: fields[i]!.name, target, caster, lane: undefined };
    });
    expect(mysql.loadStatement('`t`', columns, { ...layout('fail'), fields })).toBe(
      "LOAD DATA LOCAL INFILE 'rows' INTO TABLE `t` CHARACTER SET utf8mb4 " +
        "FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (`id`,@c1,@c2,@c3) " +
        'SET `b` = UNHEX(@c1),`f` = CAST(@c2 AS UNSIGNED),`g` = UNHEX(@c3)',
    );
  });
});

describe('statements of PostgreSQL', () => {
  const names = '"id", "a""`b"';
  const rows = 'FROM pg_temp.millrace_stage WHERE millrace_ordinal >= ?::int AND millrace_ordinal < ?::int';

  it('fail: rows go straight into the table', () => {
    expect(postgres.copyInto('"t"', layout('fail'))).toBe(`COPY "t" (${names}) FROM STDIN`);
  });

  it('the stage has the written columns and their order', () => {
    expect(postgres.createStage('"t"', layout('update'))).toBe(
      'CREATE TEMPORARY TABLE millrace_stage ON COMMIT DELETE ROWS AS ' +
        `SELECT ${names}, 0 AS millrace_ordinal FROM "t" WITH NO DATA`,
    );
    expect(postgres.copyIntoStage(layout('update'))).toBe(
      `COPY pg_temp.millrace_stage (${names}, millrace_ordinal) FROM STDIN`,
    );
  });

  it('keep: any conflict keeps the old row', () => {
    expect(postgres.mergeStage('"t"', layout('keep'))).toBe(
      `INSERT INTO "t" (${names}) SELECT ${names} ${rows} ORDER BY millrace_ordinal ON CONFLICT DO NOTHING`,
    );
  });

  const distinct = '"id", CASE WHEN "id" IS NULL THEN millrace_ordinal END';
  const insert =
    `INSERT INTO "t" (${names}) SELECT DISTINCT ON (${distinct}) ${names} ${rows} ` +
    `ORDER BY ${distinct}, millrace_ordinal DESC ON CONFLICT ("id") DO UPDATE SET `;

  it('update sets what it was told, replace also what is not written', () => {
    const set = '"a""`b" = EXCLUDED."a""`b"';
    expect(postgres.mergeStage('"t"', layout('update', ['a"`b']))).toBe(insert + set);
    expect(postgres.mergeStage('"t"', layout('replace', ['a"`b']))).toBe(`${insert}${set}, "rest" = DEFAULT`);
  });

  it('update of nothing but the key keeps the old row', () => {
    expect(postgres.mergeStage('"t"', layout('update'))).toMatch(/ON CONFLICT \("id"\) DO NOTHING$/);
  });
});

describe('statements of jobs', () => {
  it('name the table, and blank ones are none', () => {
    expect(
      statementsOf(['truncate table @table', '', ' \n', 'insert into @table select * from @table'], '"t"'),
    ).toEqual(['truncate table "t"', 'insert into "t" select * from "t"']);
  });
});

describe('values that MySQL would bend', () => {
  it('members are read from the type', () => {
    expect(membersOf("enum('a','it''s','')")).toEqual(['a', "it's", '']);
  });

  const cast = (caster: ReturnType<typeof createCaster>, column: Column, value: string) => {
    const out = new CastCell();
    const code = caster.cast(new RowBlockBuilder([column]).add(value).build(), 0, out);
    return code ?? out.text();
  };

  it('digits that are no member are refused', () => {
    const column: Column = { name: 'c', type: 'string' };
    const caster = memberCaster(
      createCaster(column, { kind: 'string' }, { timeZone: 'UTC' }),
      "enum('a','7')",
    );
    expect(['a', '7', '1', ' 1', '+1', 'x'].map((value) => cast(caster, column, value))).toEqual([
      'a',
      '7',
      'CNV-3011',
      'CNV-3011',
      'CNV-3011',
      'x',
    ]);
  });

  it.each([
    ['2024-07-01 12:00:00.123456', '2024-07-01 11:00:00.123456'],
    ['2024-01-01 00:30:00', '2024-01-01 00:30:00'],
    ['2024-03-31 00:30:00', '2024-03-31 00:30:00'],
    ['2024-07-01 00:30:00', '2024-06-30 23:30:00'],
    ['2024-03-31 02:30:00', 'CNV-3014'],
  ])('%s in Berlin is %s at +01:00', (value, expected) => {
    const column: Column = { name: 'c', type: 'datetime', facts: { zoned: true } };
    const target: TargetType = { kind: 'datetime', scale: 6, zoned: true };
    const inner = createCaster(column, target, { timeZone: 'Europe/Berlin' });
    expect(cast(offsetCaster(inner, target, 'Europe/Berlin', 3600), column, value)).toBe(expected);
  });
});
