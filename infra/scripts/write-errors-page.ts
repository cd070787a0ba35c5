/** Writes docs/errors.md. Usage: node infra/scripts/run-ts.mjs infra/scripts/write-errors-page.ts */
import { writeFileSync } from 'node:fs';
import { renderErrorsPage } from './errors-page.ts';

writeFileSync('docs/errors.md', renderErrorsPage());
console.log('docs/errors.md');
