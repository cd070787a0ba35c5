import type { OssTarget } from '../../contract/writers/oss-target.ts';
import { type Duck, startDuck } from '../parquet/duckdb.ts';
import { connectionOf, dataKeys } from './bucket.ts';
import type { Place, Step, TargetWishes } from './place.ts';
import { COLUMNS, type ColumnName, canonicalRow, inJobZone, type Row } from './rows.ts';

/** DuckDB's types of the columns. */
const DUCK_TYPES: Readonly<Record<ColumnName, string>> = {
  id: 'BIGINT',
  big: 'UBIGINT',
  small: 'INTEGER',
  price: 'DECIMAL(38,10)',
  ratio: 'DOUBLE',
  flag: 'BOOLEAN',
  word: 'VARCHAR',
  body: 'VARCHAR',
  raw: 'BLOB',
  born: 'DATE',
  at: 'TIMESTAMP',
  clock: 'TIME',
  seen: 'TIMESTAMPTZ',
  doc: 'VARCHAR',
};

/** The same in Parquet's own notation, for sources that tell no types. */
const SCHEMA = `message rows { required int64 id; optional int64 big (UINT_64); optional int32 small;
  optional fixed_len_byte_array(16) price (DECIMAL(38,10)); optional double ratio; optional boolean flag;
  optional binary word (UTF8); optional binary body (UTF8); optional binary raw; optional int32 born (DATE);
  optional int64 at (TIMESTAMP(MICROS,false)); optional int64 clock (TIME(MICROS,false));
  optional int64 seen (TIMESTAMP(MICROS,true)); optional binary doc (UTF8); }`;
const OBJECTS = 4;
const FORMAT = { fileFormat: 'parquet' };
const SEEN = COLUMNS.indexOf('seen');

/** Parquet in OSS, written and read by DuckDB. */
export class ParquetPlace implements Place {
  readonly name = 'parquet';
  readonly typed = true;
  readonly #bucket: OssTarget;
  readonly #duck: Duck;

  private constructor(bucket: OssTarget, duck: Duck) {
    this.#bucket = bucket;
    this.#duck = duck;
  }

  static start = async (bucket: OssTarget): Promise<ParquetPlace> =>
    new ParquetPlace(bucket, await startDuck());

  async fill(table: string, rows: readonly Row[]): Promise<void> {
    const texts = COLUMNS.map((name) => `"${name}": 'VARCHAR'`).join(', ');
    const share = Math.ceil(rows.length / OBJECTS);
    for (let n = 0; n < OBJECTS; n++) {
      const lines = rows.slice(n * share, (n + 1) * share).map((row) => JSON.stringify(row));
      await this.#duck.put('lines', Buffer.from(lines.join('\n')));
      await this.#duck.run(`COPY (SELECT ${COLUMNS.map(fromText)}
        FROM read_json(FILE(lines), format = 'newline_delimited', columns = {${texts}}))
        TO FILE(filled) (FORMAT parquet, COMPRESSION zstd)`);
      await this.#bucket.client.put(`${table}/in-${n}.parquet`, await this.#duck.get('filled'));
    }
  }

  reader(table: string): Step {
    const more = { object: [`${table}/in-*.parquet`], column: ['*'] };
    return { plugin: 'oss', parameter: { ...connectionOf(this.#bucket), ...FORMAT, ...more } };
  }

  async target(table: string, { typed }: TargetWishes): Promise<Step> {
    const schema = typed ? {} : { parquetSchema: SCHEMA };
    const more = { object: `${table}/part`, writeMode: 'truncate', compress: 'zstd', ...schema };
    return { plugin: 'oss', parameter: { ...connectionOf(this.#bucket), ...FORMAT, ...more } };
  }

  async rows(table: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (const key of await dataKeys(this.#bucket, table)) {
      await this.#duck.put('part', await this.#bucket.content(key));
      rows.push(
        ...(await this.#duck.rows(`SELECT ${COLUMNS.map(toText)} FROM read_parquet(FILE(part))`)).map(shown),
      );
    }
    return rows;
  }

  async alter(table: string): Promise<void> {
    for (const key of await dataKeys(this.#bucket, table)) {
      await this.#duck.put('part', await this.#bucket.content(key));
      await this.#duck.run(`COPY (SELECT * REPLACE (CASE id WHEN 2500 THEN 7 ELSE small END::INTEGER AS small)
        FROM read_parquet(FILE(part))) TO FILE(altered) (FORMAT parquet)`);
      await this.#bucket.client.put(key, await this.#duck.get('altered'));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#duck[Symbol.asyncDispose]();
  }
}

function fromText(name: ColumnName): string {
  if (name === 'raw') return 'unhex(raw) AS raw';
  if (name === 'seen') return `(seen || '+08')::TIMESTAMPTZ AS seen`;
  return `"${name}"::${DUCK_TYPES[name]} AS "${name}"`;
}

/** Instants as microseconds since 1970: how DuckDB shows them depends on its settings. */
function toText(name: ColumnName): string {
  if (name === 'raw') return 'hex(raw)';
  return name === 'seen' ? 'epoch_us(seen)::VARCHAR' : `"${name}"::VARCHAR`;
}

const shown = (cells: readonly (string | null)[]): Row => {
  const seen = cells[SEEN];
  return canonicalRow(seen ? cells.with(SEEN, inJobZone(BigInt(seen))) : cells);
};
