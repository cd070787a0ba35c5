import { gunzipSync } from 'node:zlib';
import OSS from 'ali-oss';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { ConnectorContext, Writer } from '../../../core/connectors/contract.ts';
import { oss } from '../../../core/connectors/oss/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { startOss } from '../../../infra/local/oss/index.ts';
import type { Fault, FaultPoint } from '../../../infra/local/service.ts';
import type { FaultSwitch, WriterHarness } from './writer-contract.ts';

export const KEY_ID = 'test-id';
export const KEY_SECRET = 'test-secret';
export const BUCKET = 'bucket-a';

/** A context with a patient clock that does not wait: pauses of the retry layer are skipped. */
export const quickContext = (signal = new AbortController().signal): ConnectorContext => ({
  clock: { ...systemClock, sleep: async () => undefined },
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal,
});

/** A bucket in an embedded OSS of its own, with an SDK client to look into it. */
export interface OssTarget extends WriterHarness {
  readonly client: OSS;
  readonly endpoint: string;
  /** Parameters that a job would give. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly faults: FaultSwitch;
  /** A writer with some parameters changed. */
  openWith(more: Readonly<Record<string, unknown>>, context?: ConnectorContext): Writer;
  keys(prefix?: string): Promise<string[]>;
  content(key: string): Promise<Buffer>;
  put(key: string, text: string): Promise<void>;
  uploads(): Promise<string[]>;
  /** Sets the fault of the next calls that the predicate accepts. */
  inject(times: number, fault: Fault, accepts: (point: FaultPoint) => boolean): void;
  /** Forgets faults that have not happened yet. */
  clearFaults(): void;
}

/** The rows of a Parquet object as text cells, by a reader that is not ours. */
async function parquetRows(bytes: Buffer): Promise<string[][]> {
  const file = new Uint8Array(bytes).buffer;
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => Object.values(row).map(String));
}

export async function startOssTarget(base: Readonly<Record<string, unknown>> = {}): Promise<OssTarget> {
  const plan: { left: number; fault: Fault; accepts: (point: FaultPoint) => boolean }[] = [];
  const server = await startOss({
    keys: new Map([[KEY_ID, KEY_SECRET]]),
    buckets: [BUCKET],
    faults: (point) => {
      const next = plan.find(({ left, accepts }) => left > 0 && accepts(point));
      if (!next) return undefined;
      next.left--;
      return next.fault;
    },
  });
  const endpoint = `http://localhost:${server.port}`;
  const client = new OSS({
    accessKeyId: KEY_ID,
    accessKeySecret: KEY_SECRET,
    bucket: BUCKET,
    endpoint,
    region: 'oss-cn-hangzhou',
    ...{ sldEnable: true },
  });
  const params = {
    endpoint,
    region: 'oss-cn-hangzhou',
    bucket: BUCKET,
    accessId: KEY_ID,
    accessKey: KEY_SECRET,
    object: 'out/part',
    writeMode: 'append',
    fileFormat: 'csv',
    ...base,
  };
  const openWith = (more: Readonly<Record<string, unknown>>, context = quickContext()): Writer => {
    const writer = oss.writer!;
    return writer.open(writer.schema.parse({ ...params, ...more }), context);
  };
  const keys = async (prefix = ''): Promise<string[]> => {
    const page = await client.listV2({ prefix, 'max-keys': '1000' });
    return (page.objects ?? []).map(({ name }) => name);
  };
  const content = async (key: string): Promise<Buffer> => {
    const { stream } = (await client.getStream(key)) as { stream: AsyncIterable<Buffer> };
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  const inject: OssTarget['inject'] = (times, fault, accepts) =>
    void plan.push({ left: times, fault, accepts });
  const isWrite = (point: FaultPoint): boolean => /complete|put|delete/i.test(point.operation);
  return {
    client,
    endpoint,
    params,
    openWith,
    keys,
    content,
    inject,
    clearFaults: () => void plan.splice(0),
    open: () => openWith({}),
    put: async (key, text) => void (await client.put(key, Buffer.from(text))),
    uploads: async () => (await client.listUploads({ 'max-uploads': 1000 })).uploads.map(({ name }) => name),
    async visibleRows() {
      const rows: string[][] = [];
      for (const key of await keys('out/part')) {
        const bytes = await content(key);
        if (bytes.toString('latin1', 0, 4) === 'PAR1') {
          rows.push(...(await parquetRows(bytes)));
          continue;
        }
        const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
        rows.push(...(parse(text) as string[][]));
      }
      return rows;
    },
    faults: {
      loseCommitAnswers: (times) => inject(times, { kind: 'lose-answer' }, isWrite),
      refuseSome: (times) =>
        inject(times, { kind: 'refuse', status: 503, code: 'SlowDown', message: 'slow down' }, () => true),
    },
    close: () => server.close(),
  };
}
