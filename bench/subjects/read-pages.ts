/** Asks for a whole table page by page, several key ranges at once, and decodes nothing: what the server can serve. */
import { systemClock } from '../../core/ports/system.ts';
import { stateCodes } from '../../core/stores/index.ts';
import {
  createTablestoreClient,
  INF_MAX,
  INF_MIN,
  type KeyBound,
  type KeyColumn,
} from '../../core/tablestore/index.ts';
import { BUCKETS, COLUMNS } from '../../test/support/dataset.ts';
import { INSTANCE } from '../../test/support/export-job.ts';
import { serveSubject } from '../child.ts';
import type { CloudInput } from '../cloud.ts';

const key = (bucket: KeyBound, id: KeyBound): KeyColumn<KeyBound>[] => [
  { name: 'bucket', value: bucket },
  { name: 'id', value: id },
];

serveSubject<CloudInput>(async ({ address, table, rows, subset }) => {
  const { accessKeyId, accessKeySecret } = address;
  const where = { endpoint: address.ots, instanceName: INSTANCE, accessKeyId, accessKeySecret };
  const client = createTablestoreClient({ ...where, codes: stateCodes }, { clock: systemClock });
  const columns = subset ? ['bucket', ...COLUMNS.slice(2, 6)] : undefined;

  const readRange = async (from: number, to: number): Promise<number> => {
    const bucket = (n: number): string => `b${String(n).padStart(2, '0')}`;
    const end = to === BUCKETS ? key(INF_MAX, INF_MAX) : key(bucket(to), INF_MIN);
    let begin: readonly KeyColumn<KeyBound>[] | undefined = key(bucket(from), INF_MIN);
    let bytes = 0;
    while (begin) {
      const request = { table, direction: 'FORWARD' as const, begin, end, ...(columns ? { columns } : {}) };
      const page: { rows: Buffer; next?: readonly KeyColumn[] } = await client.getRange(request);
      bytes += page.rows.length;
      begin = page.next;
    }
    return bytes;
  };

  return async () => {
    const halves = [readRange(0, BUCKETS / 2), readRange(BUCKETS / 2, BUCKETS)];
    const bytes = (await Promise.all(halves)).reduce((sum, one) => sum + one, 0);
    return { rows, bytes };
  };
});
