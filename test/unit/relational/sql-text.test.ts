import { describe, expect, it } from 'vitest';
import { pieceFault, trimmedCondition } from '../../../core/relational/sql-text.ts';

describe('pieces of SQL', () => {
  it.each([
    ['mysql', 'a = 1 or b in (1, 2)'],
    ['mysql', `a = ';--#/*' and b = "x;" and \`c;\` = 'it''s \\'quoted\\''`],
    ['mysql', 'a = 5 - -3'],
    ['postgresql', `a = ';--/*' and "b;" = 'it''s' and c = 'back\\'`],
    ['postgresql', `a = E'it\\'s;' and b = $$;$$ and c = $t$';$t$`],
    ['postgresql', `data #>> '{a}' = 'x' and a[1] = 2`],
  ] as const)('a condition of %s may be %s', (dialect, text) => {
    expect(pieceFault(dialect, text, 'condition')).toBeUndefined();
  });

  it.each([
    ['mysql', 'a = 1; drop table t', 'holds a semicolon'],
    ['mysql', 'a = 1) or (1 = 1', 'has a `)` that nothing opens'],
    ['mysql', '(a = 1', 'has no `)` to what it opens'],
    ['mysql', 'a = [1)', 'has a `)` that nothing opens'],
    ['mysql', "a = 'x", "has a ' without an end"],
    ['mysql', "a = 'x\\'", "has a ' without an end"],
    ['mysql', 'a = 1 -- b', 'holds a comment'],
    ['mysql', 'a = 1 # b', 'holds a comment'],
    ['mysql', 'a = /* b */ 1', 'holds a comment'],
    ['mysql', "a in (select 1 into outfile '/x')", 'holds INTO'],
    ['mysql', 'a = \0', 'holds a NUL character'],
    ['mysql', "a = '\0'", 'holds a NUL character'],
    ['postgresql', 'a = 1 --b', 'holds a comment'],
    ['postgresql', "a = E'x\\'", "has a ' without an end"],
    ['postgresql', 'a = $t$x', 'has a $t$ without an end'],
    ['postgresql', 'a = $1', 'holds a `$` that begins no text'],
    ['postgresql', 'a = `b`', 'holds a back quote; names are quoted with "'],
    ['postgresql', '  ', 'is empty'],
  ] as const)('a condition of %s may not be %s', (dialect, text, fault) => {
    expect(pieceFault(dialect, text, 'condition')).toBe(fault);
  });

  it.each([
    'now()',
    "concat(a, ',', b)",
    "'a,b'",
    '1',
    'null',
    'extract(year from d)',
    'a + 1 as b',
    'case when a then 1 end',
  ])('a column may be %s', (text) => {
    expect(pieceFault('mysql', text, 'expression')).toBeUndefined();
  });

  it.each([
    ['a, b', 'is a list; give each column as an entry of its own'],
    ['a from other', 'holds FROM outside of parentheses'],
    ['1 union select password', 'holds UNION outside of parentheses'],
    ['distinct a', 'holds DISTINCT outside of parentheses'],
  ])('a column may not be %s', (text, fault) => {
    expect(pieceFault('postgresql', text, 'expression')).toBe(fault);
  });

  it.each(['select 1', 'WITH x AS (SELECT 1) SELECT * FROM x', '(select 1) union (select 2)', 'values (1)'])(
    'a query may be %s',
    (text) => {
      expect(pieceFault('postgresql', text, 'query')).toBeUndefined();
    },
  );

  it.each(['delete from t', 'call p()', 'explain select 1', 'set x = 1'])('a query may not be %s', (text) => {
    expect(pieceFault('mysql', text, 'query')).toBe('is not a SELECT');
  });

  it('loses one semicolon at the end, of either width', () => {
    expect(trimmedCondition(' a = 1; ')).toBe('a = 1');
    expect(trimmedCondition('a = 1；')).toBe('a = 1');
    expect(trimmedCondition(' ; ')).toBeUndefined();
    expect(trimmedCondition(undefined)).toBeUndefined();
  });
});
