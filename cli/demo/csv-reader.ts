/**
 * A small CSV reader for the check of the export: it shares nothing with the writer. Grammar: fields separated
 * by commas, records ended by a line feed; a field in quotes holds anything, with each of its quotes doubled.
 */

/** Fields of a row; null where the text `null` stands without quotes. */
export type CsvRecord = readonly (string | null)[];

const NULL_TEXT = 'null';
const QUOTE = '"';

/** The records of a text. Throws when a quote is never closed, or is followed by anything but an end of field. */
export function* csvRecords(text: string): Generator<CsvRecord, void, void> {
  let record: (string | null)[] = [];
  for (let at = 0; at < text.length; ) {
    const { field, end } = text[at] === QUOTE ? quotedField(text, at) : plainField(text, at);
    record.push(field);
    if (text[end] !== ',') {
      yield record;
      record = [];
    } else if (isRecordEnd(text, end + 1)) {
      // The comma before the end of a record begins an empty field.
      yield [...record, ''];
      record = [];
      at = end + 2;
      continue;
    }
    at = end + 1;
  }
}

const isRecordEnd = (text: string, at: number): boolean => at >= text.length || text[at] === '\n';

interface Field {
  readonly field: string | null;
  /** Place of the comma or line feed behind it. */
  readonly end: number;
}

function plainField(text: string, from: number): Field {
  const comma = placeOf(text, ',', from);
  const end = Math.min(comma, placeOf(text.slice(from, comma), '\n', 0) + from);
  const field = text.slice(from, end);
  return { field: field === NULL_TEXT ? null : field, end };
}

const placeOf = (text: string, what: string, from: number): number => {
  const at = text.indexOf(what, from);
  return at < 0 ? text.length : at;
};

function quotedField(text: string, from: number): Field {
  for (let at = from + 1; ; at += 2) {
    at = text.indexOf(QUOTE, at);
    if (at < 0) throw new Error(`the quote at character ${from} is never closed`);
    if (text[at + 1] === QUOTE) continue;
    const end = at + 1;
    if (end < text.length && text[end] !== ',' && text[end] !== '\n') {
      throw new Error(`text follows the closing quote at character ${at}`);
    }
    return { field: text.slice(from + 1, at).replaceAll('""', QUOTE), end };
  }
}
