import { createGunzip } from 'node:zlib';
import OSS from 'ali-oss';
import { type CastingContext, parse } from 'csv-parse';
import { expectedFields, NULL_TEXT } from './dataset.ts';

/** Access to the bucket that was exported to. */
export interface BucketAccess {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly bucket: string;
}

/** The vendor's own client, as a user would open it. */
export const bucketClient = (access: BucketAccess): OSS =>
  new OSS({
    endpoint: access.endpoint.replace('127.0.0.1', 'localhost'),
    sldEnable: true,
    timeout: 600_000,
    region: 'oss-cn-hangzhou',
    bucket: access.bucket,
    accessKeyId: access.accessKeyId,
    accessKeySecret: access.accessKeySecret,
  } as OSS.Options);

/** Keys under a prefix, without the run records of Millrace. */
export async function dataKeys(client: OSS, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const query = { prefix, 'max-keys': '1000', ...(token ? { 'continuation-token': token } : {}) };
    const page = await client.listV2(query as OSS.ListV2ObjectsQuery, {});
    keys.push(...(page.objects ?? []).map((object) => object.name));
    token = (page as unknown as { nextContinuationToken?: string }).nextContinuationToken || undefined;
  } while (token);
  return keys.filter((key) => !key.includes('_millrace/'));
}

/** What an independent CSV reader found. */
export interface ExportReport {
  readonly objects: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly missing: number;
  /** The first few rows that differ, as `id column: found / expected`. */
  readonly differences: readonly string[];
}

const MAX_DIFFERENCES = 5;

/**
 * Reads every object with csv-parse and compares each row with what its id says it must be. `quoting` also
 * tells null from the same text in quotes, at twice the cost; without it both count as null.
 */
export async function checkExport(
  client: OSS,
  keys: readonly string[],
  rows: number,
  quoting: 'told' | 'untold' = 'told',
): Promise<ExportReport> {
  const seen = new Uint8Array(rows);
  const differences: string[] = [];
  let count = 0;
  let duplicates = 0;
  for (const key of keys) {
    for await (const record of records(client, key, quoting)) {
      count++;
      const id = Number(record[1]);
      if (seen[id]) duplicates++;
      seen[id] = 1;
      if (differences.length < MAX_DIFFERENCES) compare(record, id, quoting, differences);
    }
  }
  return {
    objects: keys.length,
    rows: count,
    duplicates,
    missing: seen.filter((flag) => !flag).length,
    differences,
  };
}

const castNull = (value: string, context: CastingContext): string | null =>
  value === NULL_TEXT && !context.quoting ? null : value;

/** Rows of an object. */
async function* records(
  client: OSS,
  key: string,
  quoting: 'told' | 'untold',
): AsyncIterable<(string | null)[]> {
  const { stream } = await client.getStream(key);
  const source = key.endsWith('.gz') ? stream.pipe(createGunzip()) : stream;
  const cast = quoting === 'told' ? { cast: castNull } : {};
  yield* source.pipe(parse({ ...cast, relax_column_count: true, record_delimiter: '\n' })) as AsyncIterable<
    (string | null)[]
  >;
}

function compare(
  record: readonly (string | null)[],
  id: number,
  quoting: 'told' | 'untold',
  differences: string[],
): void {
  const expected = expectedFields(id).map((field) =>
    quoting === 'untold' && field === null ? NULL_TEXT : field,
  );
  for (let i = 0; i < Math.max(record.length, expected.length); i++) {
    if (record[i] === expected[i]) continue;
    differences.push(`${id} column ${i}: ${JSON.stringify(record[i])} / ${JSON.stringify(expected[i])}`);
    return;
  }
}
