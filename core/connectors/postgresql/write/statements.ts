/** The SQL that puts rows into a table: COPY alone, or COPY into a stage and a merge from there. */
import { quoteIdentifier } from '../../../relational/identifiers.ts';
import type { ConflictRule, LoadLayout } from '../../../relational/write/target.ts';

/** The temporary table of a connection through which rows go that may meet others. */
const STAGE = 'pg_temp.millrace_stage';
/** Its column with the place of a row in its block. */
const ORDINAL = 'millrace_ordinal';

/** Whether rows can go into the table straight away. */
export const isDirect = (rule: ConflictRule): boolean => rule === 'fail';

const quote = (name: string): string => quoteIdentifier('postgresql', name);
const list = (names: readonly string[]): string => names.map(quote).join(', ');

/** Rows straight into the table. */
export const copyInto = (table: string, layout: LoadLayout): string =>
  `COPY ${table} (${list(namesOf(layout))}) FROM STDIN`;

/** Creates the stage: the written columns with their exact types, emptied by every commit. */
export const createStage = (table: string, layout: LoadLayout): string =>
  `CREATE TEMPORARY TABLE millrace_stage ON COMMIT DELETE ROWS AS ` +
  `SELECT ${list(namesOf(layout))}, 0 AS ${ORDINAL} FROM ${table} WITH NO DATA`;

/** Rows into the stage. */
export const copyIntoStage = (layout: LoadLayout): string =>
  `COPY ${STAGE} (${list(namesOf(layout))}, ${ORDINAL}) FROM STDIN`;

/** The staged rows whose ordinals are in `[?, ?)` into the table. */
export function mergeStage(table: string, layout: LoadLayout): string {
  const names = list(namesOf(layout));
  const rows = `FROM ${STAGE} WHERE ${ORDINAL} >= ?::int AND ${ORDINAL} < ?::int`;
  const insert = `INSERT INTO ${table} (${names})`;
  const set = assignments(layout);
  if (layout.rule === 'keep' || set === '') {
    const target = layout.conflictKey.length > 0 ? ` (${list(layout.conflictKey)})` : '';
    return `${insert} SELECT ${names} ${rows} ORDER BY ${ORDINAL} ON CONFLICT${target} DO NOTHING`;
  }
  const key = [...layout.conflictKey.map(quote), rowOfNullKey(layout.conflictKey)].join(', ');
  return (
    `${insert} SELECT DISTINCT ON (${key}) ${names} ${rows} ORDER BY ${key}, ${ORDINAL} DESC ` +
    `ON CONFLICT (${list(layout.conflictKey)}) DO UPDATE SET ${set}`
  );
}

/** Of rows with the same key the last one counts; rows with a null in their key are never the same. */
function rowOfNullKey(key: readonly string[]): string {
  const isNull = key.map((name) => `${quote(name)} IS NULL`).join(' OR ');
  return `CASE WHEN ${isNull} THEN ${ORDINAL} END`;
}

function assignments({ rule, table, fields, updated }: LoadLayout): string {
  const set = updated.map((name) => `${quote(name)} = EXCLUDED.${quote(name)}`);
  if (rule === 'replace') {
    const written = new Set(fields.map(({ name }) => name));
    const missing = table.fields.filter(({ name, generated }) => !written.has(name) && !generated);
    set.push(...missing.map(({ name }) => `${quote(name)} = DEFAULT`));
  }
  return set.join(', ');
}

const namesOf = (layout: LoadLayout): readonly string[] => layout.fields.map(({ name }) => name);
