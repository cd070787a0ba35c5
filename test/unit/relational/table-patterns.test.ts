import { describe, expect, it } from 'vitest';
import { expandTables } from '../../../core/relational/table-patterns.ts';

describe('lists of tables', () => {
  it.each([
    ['t[00-03]', ['t00', 't01', 't02', 't03']],
    ['t[3-0]', ['t0', 't1', 't2', 't3']],
    ['t[0-3]', ['t0', 't1', 't2', 't3']],
    ['db.t_[08-11]x', ['db.t_08x', 'db.t_09x', 'db.t_10x', 'db.t_11x']],
    ['a, b[1-2]', ['a', 'b1', 'b2']],
    ['t[1-2][0-1]', ['t1[0-1]', 't2[0-1]']],
    ['`a,b[1-2]`', ['`a,b[1-2]`']],
    ['a-b[1-2]', ['a-b[1-2]']],
    ['t[1]', ['t[1]']],
  ])('%s', (entry, tables) => {
    expect(expandTables([entry])).toEqual(tables);
  });

  it('has a bound, and is not empty', () => {
    expect(expandTables(['t[0-999999999999]'])).toMatch(/stands for 1000000000000 tables/);
    expect(expandTables([' , '])).toBe('names no table');
  });
});
