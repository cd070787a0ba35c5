/** What a plan tells about types: where a value here is not letter for letter what the server shows. */
import type { PlanNote } from '../../connectors/contract.ts';
import type { Dialect } from '../dialect.ts';
import type { ReadColumn } from './source.ts';

/** Notes about the columns; `computed` tells which of them are expressions of the job. */
export function typeNotes(
  dialect: Dialect,
  columns: readonly ReadColumn[],
  computed: (place: number) => boolean,
): readonly PlanNote[] {
  if (dialect !== 'mysql') return unfinished(columns);
  const names = (wanted: (column: ReadColumn, place: number) => boolean): string =>
    columns
      .filter(wanted)
      .map(({ name }) => name)
      .join(', ');
  const dates = names(({ type }) => type === 'date' || type === 'datetime');
  const floats = names((column, place) => computed(place) && /^float/.test(column.sourceType));
  const notes: PlanNote[] = [];
  if (dates) notes.push({ level: 'info', message: `the date 0000-00-00 becomes null: ${dates}` });
  if (floats) {
    const message = `the server shows six digits of FLOAT in expressions and queries; add 0e0 to get all: ${floats}`;
    notes.push({ level: 'warning', message });
  }
  return notes;
}

/** Dates of PostgreSQL may be infinite; targets that have no such date refuse the row. */
function unfinished(columns: readonly ReadColumn[]): readonly PlanNote[] {
  const names = columns.filter(({ type }) => type === 'date' || type === 'datetime').map(({ name }) => name);
  if (names.length === 0) return [];
  const message = `infinity, and years before 1 and after 9999, are no dates elsewhere; such rows are refused where a date is needed: ${names.join(', ')}`;
  return [{ level: 'info', message }];
}
