import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { OssTarget } from '../../contract/writers/oss-target.ts';
import { connectionOf, dataKeys } from './bucket.ts';
import type { Place, Step } from './place.ts';
import { COLUMNS, canonicalRow, type Row } from './rows.ts';

/** Of each column, as the reader is told. */
const COLUMN_TYPES = [
  { type: 'long' },
  { type: 'long' },
  { type: 'long' },
  { type: 'decimal' },
  { type: 'double' },
  { type: 'boolean' },
  { type: 'string' },
  { type: 'string' },
  { type: 'bytes' },
  { type: 'date', format: 'yyyy-MM-dd' },
  { type: 'datetime' },
  { type: 'time' },
  { type: 'datetime' },
  { type: 'string' },
];
const OBJECTS = 6;
const FORMAT = { fileFormat: 'csv', byteEncoding: 'base64' };
/** Of objects that we write; those that we read have nothing there, which quotes tell from empty text. */
const NULL_TEXT = '\\N';

/** CSV in OSS, written by csv-stringify and read by csv-parse. */
export class CsvPlace implements Place {
  readonly name = 'csv';
  readonly typed = false;
  readonly #bucket: OssTarget;

  constructor(bucket: OssTarget) {
    this.#bucket = bucket;
  }

  async fill(table: string, rows: readonly Row[]): Promise<void> {
    const share = Math.ceil(rows.length / OBJECTS);
    for (let n = 0; n < OBJECTS; n++) {
      const some = rows.slice(n * share, (n + 1) * share).map(fields);
      await this.#bucket.put(
        `${table}/in-${n}.csv`,
        stringify([[...COLUMNS], ...some], { quoted_string: true }),
      );
    }
  }

  reader(table: string): Step {
    const column = COLUMN_TYPES.map((type, index) =>
      index % 2 === 0 ? { index, ...type } : { name: COLUMNS[index]!, ...type },
    );
    const object = [`${table}/in-*.csv`];
    const dialect = { ...FORMAT, nullFormat: '', skipHeader: true };
    return { plugin: 'oss', parameter: { ...connectionOf(this.#bucket), ...dialect, object, column } };
  }

  async target(table: string): Promise<Step> {
    const more = { object: `${table}/part`, writeMode: 'truncate', nullFormat: NULL_TEXT };
    return { plugin: 'oss', parameter: { ...connectionOf(this.#bucket), ...FORMAT, ...more } };
  }

  async rows(table: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (const key of await dataKeys(this.#bucket, table)) {
      const records = parse(await this.#bucket.content(key), {
        cast: (value, { quoting }) => (value === NULL_TEXT && !quoting ? null : value),
      }) as (string | null)[][];
      rows.push(...records.map((record) => canonicalRow(record.map(unpacked))));
    }
    return rows;
  }

  async alter(table: string): Promise<void> {
    for (const key of await dataKeys(this.#bucket, table)) {
      const text = (await this.#bucket.content(key)).toString('utf8');
      await this.#bucket.put(key, text.replace(/^2500,(\d*)/m, '2500,4$1'));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const RAW = COLUMNS.indexOf('raw');

const fields = (row: Row): (string | null)[] =>
  COLUMNS.map((name) => {
    const value = row[name];
    if (name === 'raw' && value !== null) return Buffer.from(value, 'hex').toString('base64');
    return name === 'flag' && value !== null ? String(value === '1') : value;
  });

const unpacked = (cell: string | null, column: number): string | null =>
  column === RAW && cell !== null ? Buffer.from(cell, 'base64').toString('hex') : cell;
