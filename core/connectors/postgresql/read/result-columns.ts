/** Columns of a result by their type numbers: what expressions and queries are, before any row. */
import { SyncError } from '../../../errors/index.ts';
import type { ReadColumn } from '../../../relational/read/source.ts';
import { arrayText, type PostgresConnection } from '../connection.ts';
import { readingOf } from '../types.ts';

/** What the server calls a column that has no name. */
const NAMELESS = '?column?';

/** The columns of a SELECT, which is run without rows. Throws SRC-2021 for one that cannot be read. */
export async function resultColumns(
  connection: PostgresConnection,
  sql: string,
): Promise<readonly ReadColumn[]> {
  const fields = await connection.describe(sql, 'the columns cannot be read');
  const oids = fields.map(({ typeOid }) => String(typeOid));
  const modifiers = fields.map(({ typeModifier }) => String(typeModifier));
  const types = await connection.rows(
    `WITH RECURSIVE asked AS (
       SELECT oid::oid, modifier::int, place
       FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(oid, modifier, place)
     ), base AS (
       SELECT place, oid AS typid, modifier FROM asked
       UNION ALL
       SELECT b.place, t.typbasetype, t.typtypmod FROM base b JOIN pg_type t ON t.oid = b.typid WHERE t.typtype = 'd'
     )
     SELECT t.typname, t.typtype, b.modifier::text, format_type(a.oid, a.modifier)
     FROM asked a JOIN base b ON b.place = a.place JOIN pg_type t ON t.oid = b.typid AND t.typtype <> 'd'
     ORDER BY a.place`,
    [arrayText(oids), arrayText(modifiers)],
  );
  return fields.map((field, i) => {
    const [name, kind, modifier, sourceType] = types[i]!;
    const reading = readingOf({ name: name!, kind: kind!, modifier: Number(modifier) });
    const label = field.name === NAMELESS ? '' : field.name;
    if (typeof reading === 'string') {
      throw new SyncError('SRC-2021', 'config', `the column ${label || i + 1} cannot be read: ${reading}`);
    }
    return { name: label, type: reading.type, facts: reading.facts, sourceType: sourceType! };
  });
}
