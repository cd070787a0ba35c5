/** The SQL that puts rows into a table. */
import { quoteIdentifier } from '../../../relational/identifiers.ts';
import type { EncodedColumn } from '../../../relational/write/encoded-column.ts';
import type { LoadLayout } from '../../../relational/write/target.ts';

/** A statement around its rows. */
export interface StatementFrame {
  readonly head: string;
  readonly tail: string;
}

const quote = (name: string): string => quoteIdentifier('mysql', name);

/**
 * INSERT or REPLACE. Rows that exist are kept by an update that changes nothing: INSERT IGNORE would also cut values
 * and ignore every other fault. `VALUES(c)` is the one form that both MySQL and MariaDB know.
 */
export function rowStatement(table: string, layout: LoadLayout): StatementFrame {
  const names = layout.fields.map(({ name }) => quote(name));
  const into = `INTO ${table} (${names.join(',')}) VALUES `;
  if (layout.rule === 'replace') return { head: `REPLACE ${into}`, tail: '' };
  return { head: `INSERT ${into}`, tail: onDuplicate(table, layout) };
}

function onDuplicate(table: string, { rule, fields, updated }: LoadLayout): string {
  if (rule === 'fail') return '';
  const [first] = fields.map(({ name }) => quote(name));
  const kept = `${table}.${first} = ${table}.${first}`;
  const set = updated.map((name) => `${quote(name)} = VALUES(${quote(name)})`);
  return ` ON DUPLICATE KEY UPDATE ${rule === 'keep' || set.length === 0 ? kept : set.join(',')}`;
}

/**
 * LOAD DATA of rows in the notation of files. What is written as digits there is turned back by the statement: bytes
 * from hexadecimal, bits from a number.
 */
export function loadStatement(
  table: string,
  columns: readonly EncodedColumn[],
  { fields }: LoadLayout,
): string {
  const places: string[] = [];
  const sets: string[] = [];
  for (const [i, { name, serverType }] of fields.entries()) {
    const kind = columns[i]?.target.kind;
    const isBits = /^bit\b/i.test(serverType);
    if (kind !== 'bytes' && !isBits) places.push(quote(name));
    else {
      places.push(`@c${i}`);
      sets.push(`${quote(name)} = ${kind === 'bytes' ? `UNHEX(@c${i})` : `CAST(@c${i} AS UNSIGNED)`}`);
    }
  }
  return (
    `LOAD DATA LOCAL INFILE 'rows' INTO TABLE ${table} CHARACTER SET utf8mb4 ` +
    "FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' " +
    `(${places.join(',')})${sets.length === 0 ? '' : ` SET ${sets.join(',')}`}`
  );
}
