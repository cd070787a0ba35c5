import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codes } from '../../../core/errors/index.ts';
import { renderErrorsPage } from '../../../infra/scripts/errors-page.ts';

describe('the page of error codes', () => {
  it('is the one that the declarations make: write it anew with infra/scripts/write-errors-page.ts', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(renderErrorsPage());
  });

  it('names every code once, in a row of four cells', () => {
    const rows = renderErrorsPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.map((row) => row.slice(3, 11)).sort()).toEqual(Object.keys(codes).sort());
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
  });
});
