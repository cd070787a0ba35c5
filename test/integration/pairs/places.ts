import { startOssTarget } from '../../contract/writers/oss-target.ts';
import { CsvPlace } from './csv-place.ts';
import { MysqlPlace } from './mysql-place.ts';
import { OtsPlace } from './ots-place.ts';
import { ParquetPlace } from './parquet-place.ts';
import type { Place } from './place.ts';
import { PostgresPlace } from './postgres-place.ts';

/** All systems that rows can come from and go to. */
export const PLACES = ['mysql', 'postgresql', 'ots', 'csv', 'parquet'] as const;

/** Name of a system. */
export type PlaceName = (typeof PLACES)[number];

/** The systems, started. */
export interface Places extends AsyncDisposable {
  readonly at: Readonly<Record<PlaceName, Place>>;
}

/** Starts all of them; the two formats share a bucket. */
export async function startPlaces(): Promise<Places> {
  const [mysql, postgresql, ots, bucket] = await Promise.all([
    MysqlPlace.start(),
    PostgresPlace.start(),
    OtsPlace.start(),
    startOssTarget(),
  ]);
  const at = { mysql, postgresql, ots, csv: new CsvPlace(bucket), parquet: await ParquetPlace.start(bucket) };
  return {
    at,
    async [Symbol.asyncDispose]() {
      for (const place of Object.values(at)) await place[Symbol.asyncDispose]();
      await bucket.close();
    },
  };
}
