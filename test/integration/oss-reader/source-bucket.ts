import OSS from 'ali-oss';
import type { ConnectorContext, Cursor, Reader, Shard } from '../../../core/connectors/contract.ts';
import { oss } from '../../../core/connectors/oss/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { startOss } from '../../../infra/local/oss/index.ts';
import type { Fault, FaultPoint } from '../../../infra/local/service.ts';
import { rowsOfBlock } from '../../contract/readers/reader-contract.ts';

const BUCKET = 'bucket-a';
const KEY_ID = 'test-id';
const KEY_SECRET = 'test-secret';

/** A context whose retry layer does not wait. */
export const quickContext = (signal = new AbortController().signal): ConnectorContext => ({
  clock: { ...systemClock, sleep: async () => undefined },
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal,
});

/** A bucket in an embedded OSS of its own. */
export interface BucketHarness extends AsyncDisposable {
  readonly client: OSS;
  readonly params: Readonly<Record<string, unknown>>;
  /** Requests for objects and listings so far, as `operation key`. */
  readonly calls: string[];
  put(key: string, content: string | Buffer, headers?: Record<string, string>): Promise<void>;
  open(params: Readonly<Record<string, unknown>>, context?: ConnectorContext): Reader;
  /** Sets the fault of the next calls that the predicate accepts. */
  inject(times: number, fault: Fault, accepts: (point: FaultPoint) => boolean): void;
  /** Faults that were set and have not happened. */
  readonly faultsLeft: number;
}

/** Starts a bucket; dispose of it. */
export async function startBucket(): Promise<BucketHarness> {
  const plan: { left: number; fault: Fault; accepts: (point: FaultPoint) => boolean }[] = [];
  const calls: string[] = [];
  const readers: Reader[] = [];
  const server = await startOss({
    keys: new Map([[KEY_ID, KEY_SECRET]]),
    buckets: [BUCKET],
    faults: (point) => {
      calls.push(`${point.operation} ${point.key}`);
      const next = plan.find(({ left, accepts }) => left > 0 && accepts(point));
      if (!next) return undefined;
      next.left--;
      return next.fault;
    },
  });
  const endpoint = `http://localhost:${server.port}`;
  const connection = { accessKeyId: KEY_ID, accessKeySecret: KEY_SECRET, bucket: BUCKET };
  const client = new OSS({ ...connection, endpoint, region: 'oss-cn-hangzhou', ...{ sldEnable: true } });
  const params = {
    endpoint,
    region: 'oss-cn-hangzhou',
    bucket: BUCKET,
    accessId: KEY_ID,
    accessKey: KEY_SECRET,
    fileFormat: 'csv',
    column: ['*'],
  };
  return {
    client,
    params,
    calls,
    put: async (key, content, headers = {}) =>
      void (await client.put(key, Buffer.from(content as string), { headers })),
    open(changes, context = quickContext()) {
      const def = oss.reader!;
      const reader = def.open(def.schema.parse({ ...params, ...changes }), context);
      readers.push(reader);
      return reader;
    },
    inject: (times, fault, accepts) => void plan.push({ left: times, fault, accepts }),
    get faultsLeft() {
      return plan.reduce((sum, { left }) => sum + left, 0);
    },
    async [Symbol.asyncDispose]() {
      for (const reader of readers) await reader.close();
      await server.close();
    },
  };
}

/** The rows of one shard, from a cursor on. */
export async function shardRows(reader: Reader, shard: Shard, from?: Cursor): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const { block } of reader.read(shard, from)) rows.push(...rowsOfBlock(block));
  return rows;
}

/** The rows of all shards, in order. */
export async function allRows(reader: Reader, want = 1): Promise<string[][]> {
  const { shards } = await reader.plan(want);
  const rows: string[][] = [];
  for (const shard of shards) rows.push(...(await shardRows(reader, shard)));
  return rows;
}
