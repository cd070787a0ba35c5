/** Reads the export as its consumers do, with ali-oss, and compares it with the source. */
import OSS from 'ali-oss';
import type { CloudFile } from '../cloud-file.ts';
import { type CsvRecord, csvRecords } from './csv-reader.ts';
import { EXPORTED, expectedFields, rowOf } from './orders.ts';

/** Where the export is. */
export interface ExportPlace {
  readonly bucket: string;
  /** Objects of the export begin with this. */
  readonly prefix: string;
}

/** What was found. */
export interface ReadBack {
  readonly objects: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly missing: number;
  /** Rows that the source does not have. */
  readonly strangers: number;
  readonly different: number;
  /** The first row that differs, for a message. */
  readonly firstDifference: string | undefined;
  /** The beginning of the first object, line by line as it is stored. */
  readonly firstLines: readonly string[];
}

/** Whether the export holds every row of the source once and nothing else. */
export const isExact = (found: ReadBack, rows: number): boolean =>
  found.rows === rows && found.duplicates + found.missing + found.strangers + found.different === 0;

const FIRST_LINES = 9;
/** Folder of Millrace's own records beside the data. */
const CONTROL = '_millrace/';

/** Reads every object of the export and compares each row with the source. */
export async function readBack(
  cloud: CloudFile,
  place: ExportPlace,
  rows: number,
  onRows: (rows: number) => void,
): Promise<ReadBack> {
  const { accessKeyId, accessKeySecret, endpoints } = cloud;
  const client = new OSS({ endpoint: endpoints.oss, accessKeyId, accessKeySecret, bucket: place.bucket });
  const comparison = new Comparison(rows);
  const keys = await dataKeys(client, place.prefix);
  let firstLines: readonly string[] = [];
  for (const key of keys) {
    const { content } = await client.get(key);
    if (firstLines.length === 0) firstLines = linesOf(content);
    let isHeader = true;
    for (const record of csvRecords(content.toString('utf8'))) {
      if (!isHeader) comparison.add(record);
      isHeader = false;
    }
    onRows(comparison.rows);
  }
  return { objects: keys.length, firstLines, ...comparison.result() };
}

async function dataKeys(client: OSS, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for (let token: string | undefined, more = true; more; more = token !== undefined) {
    const query = { prefix, 'max-keys': '1000', ...(token ? { 'continuation-token': token } : {}) };
    const page = await client.listV2(query as OSS.ListV2ObjectsQuery, {});
    keys.push(...(page.objects ?? []).map(({ name }) => name));
    token = (page as { nextContinuationToken?: string }).nextContinuationToken || undefined;
  }
  return keys.filter((key) => !key.includes(CONTROL)).sort();
}

const linesOf = (content: Buffer): readonly string[] =>
  content.toString('utf8', 0, 4_096).split('\n').slice(0, FIRST_LINES);

class Comparison {
  readonly #seen: Uint8Array;
  rows = 0;
  #duplicates = 0;
  #strangers = 0;
  #different = 0;
  #firstDifference: string | undefined;

  constructor(rows: number) {
    this.#seen = new Uint8Array(rows);
  }

  add(record: CsvRecord): void {
    this.rows++;
    const i = rowOf(record[1]);
    if (i < 0 || i >= this.#seen.length) {
      this.#strangers++;
      return;
    }
    if (this.#seen[i] === 1) this.#duplicates++;
    this.#seen[i] = 1;
    const expected = expectedFields(i);
    const at = expected.findIndex((field, column) => field !== record[column]);
    if (at < 0 && record.length === expected.length) return;
    this.#different++;
    this.#firstDifference ??= `order ${record[1]}, ${EXPORTED[at] ?? 'number of fields'}: ${JSON.stringify(record[at])} instead of ${JSON.stringify(expected[at])}`;
  }

  result() {
    return {
      rows: this.rows,
      duplicates: this.#duplicates,
      missing: this.#seen.filter((flag) => flag === 0).length,
      strangers: this.#strangers,
      different: this.#different,
      firstDifference: this.#firstDifference,
    };
  }
}
