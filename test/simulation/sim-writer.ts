/** A writer after the protocol of the object storage writer, over the simulated bucket. */
import pLimit from 'p-limit';
import type {
  CommitReceipt,
  RowFault,
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TaskRef,
  Writer,
} from '../../core/connectors/contract.ts';
import { SyncError } from '../../core/errors/index.ts';
import { type RetryPolicy, withRetry } from '../../core/limits/retry.ts';
import { runPath } from '../../core/run/index.ts';
import type { RowBlock } from '../../core/types/index.ts';
import {
  type Bucket,
  crcOf,
  joinedCrc,
  type ListedObject,
  lost,
  type PartRecord,
  type UploadRecord,
} from './bucket.ts';
import { lineageOf } from './events.ts';
import type { Ground } from './ground.ts';
import type { Instance, Site } from './instance.ts';
import type { Scenario } from './scenario.ts';

/** What a mutant's writer does wrong. */
export interface WriterFlaws {
  /** Objects and uploads are named by run and shard alone. */
  readonly namesWithoutEpoch?: boolean;
  /** A checkpoint names a part before it is sent. */
  readonly positionBeforeData?: boolean;
  /** Truncating removes objects that the run took over from the one before it. */
  readonly truncatesTakenOver?: boolean;
  /** Preparing throws away what is there, as a statement run before a job may do. */
  readonly prepareClears?: boolean;
  /** Leftovers are found by the name of the job alone. */
  readonly discardsByJob?: boolean;
}

const COMPLETIONS_AT_ONCE = 8;
const RETRY: RetryPolicy = {
  maxAttempts: 8,
  baseMs: 200,
  capMs: 8_000,
  kinds: ['throttled', 'transient', 'unknown'],
};

const SITE = { side: 'target', writes: true, codes: { fault: 'DST-4001', auth: 'DST-4002' } } as const;

/** Whether the target refuses a row. */
export const isDirty = (id: number, dirtyEvery: number): boolean =>
  dirtyEvery > 0 && id % dirtyEvery === dirtyEvery - 1;

/** Calls to the bucket by one instance, tried again as the connector does. */
class Store {
  readonly #instance: Instance;
  readonly #sizes: Scenario['sizes'];
  readonly #faults: Scenario['faults'];

  constructor(instance: Instance, { sizes, faults }: Scenario) {
    this.#instance = instance;
    this.#sizes = sizes;
    this.#faults = faults;
  }

  run<T>(what: string, effect: () => Promise<T>): Promise<T> {
    return this.#call({ ...SITE, what, meanMs: this.#sizes.targetMs }, effect);
  }

  /** A call that belongs to a commit. */
  commit<T>(what: string, effect: () => Promise<T>): Promise<T> {
    const authChance = this.#faults.commitAuth;
    return this.#call({ ...SITE, what, meanMs: this.#sizes.targetMs, authChance }, effect);
  }

  #call<T>(site: Site, effect: () => Promise<T>): Promise<T> {
    return withRetry(() => this.#instance.call(site, effect), RETRY, this.#instance);
  }
}

/** The writer as one instance has it open. */
export class SimWriter implements Writer {
  readonly #ground: Ground;
  readonly #bucket: Bucket;
  readonly #store: Store;
  readonly #flaws: WriterFlaws;
  readonly #committing: Map<string, number>;
  readonly begin?: NonNullable<Writer['begin']>;

  constructor(
    ground: Ground,
    bucket: Bucket,
    instance: Instance,
    flaws: WriterFlaws,
    committing: Map<string, number>,
  ) {
    this.#ground = ground;
    this.#bucket = bucket;
    this.#store = new Store(instance, ground.scenario);
    this.#flaws = flaws;
    this.#committing = committing;
    if (ground.scenario.sizes.begins > 0)
      this.begin = (run) => this.#store.run('begin', async () => bucket.begin(run));
  }

  async describe(): ReturnType<Writer['describe']> {
    return { columns: [], notes: [], location: 'bucket' };
  }

  async prepare(run: RunRef): Promise<void> {
    await this.#store.run('look at the bucket', async () => {});
    if (this.#flaws.prepareClears) await this.#abortAll(run);
  }

  async open(task: TaskRef, _columns: unknown, prior: SinkState | undefined): Promise<Sink> {
    this.#bucket.mustHaveBegun(task);
    return new SimSink(this.#ground, this.#bucket, this.#store, this.#flaws, task, prior);
  }

  async commit(run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    const path = runPath(run);
    const others = this.#committing.get(path) ?? 0;
    if (others > 0 || this.#bucket.manifests.has(path)) this.#ground.meet('double finalize');
    this.#committing.set(path, others + 1);
    try {
      this.#ground.ledger.of(lineageOf(path)).commits++;
      return await this.#commit(run, outputs);
    } finally {
      this.#committing.set(path, (this.#committing.get(path) ?? 1) - 1);
    }
  }

  async discard(run: RunRef): Promise<void> {
    const listedMs = await this.#abortAll(run);
    this.#bucket.discardedMs.set(runPath(run), listedMs);
  }

  async close(): Promise<void> {}

  async #commit(run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    const records = outputs.flatMap(({ state }) => decode(state));
    const listed = records.map(({ key, parts }) => ({ key, crc: joinedCrc(parts) }));
    const stored = await this.#store.commit('read manifest', () => this.#bucket.manifest(run));
    const truncates = this.#ground.scenario.sizes.truncate > 0;
    if (stored) same(stored, listed);
    else {
      if (truncates) await this.#note(run, listed);
      await this.#makeVisible(run, records, listed);
    }
    if (truncates) await this.#store.commit('truncate', () => this.#bucket.removeNoted(run));
    await this.#abortAll(run).catch(() => this.#ground.log('bucket', 'keeps leftovers of a commit'));
    return { location: 'bucket', manifest: runPath(run), objects: listed.length, bytes: 0 };
  }

  #note(run: RunRef, listed: readonly ListedObject[]): Promise<void> {
    const own = this.#flaws.truncatesTakenOver ? [] : listed.map(({ key }) => key);
    return this.#store.commit('note old objects', () => this.#bucket.note(run, own));
  }

  async #makeVisible(
    run: RunRef,
    records: readonly UploadRecord[],
    listed: readonly ListedObject[],
  ): Promise<void> {
    const limit = pLimit(COMPLETIONS_AT_ONCE);
    const work = records.map((record) => limit(() => this.#complete(run, record)));
    const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const put = await this.#store.commit('put manifest', () => this.#bucket.putManifest(run, listed));
    if (put === 'stored') return;
    const stored = await this.#store.commit('read manifest', () => this.#bucket.manifest(run));
    same(stored ?? [], listed);
  }

  async #complete(run: RunRef, record: UploadRecord): Promise<void> {
    if (await this.#store.commit('complete upload', () => this.#bucket.complete(run, record))) return;
    const crc = await this.#store.commit('head object', () => this.#bucket.head(record.key));
    if (crc !== joinedCrc(record.parts))
      throw lost(`${record.key} is missing or another one, and its upload is gone`);
  }

  /** Aborts what is open; says when that was listed. */
  async #abortAll(run: RunRef): Promise<number> {
    const { open, listedMs } = await this.#store.run('list uploads', async () => ({
      open: await this.#bucket.openUploads(run, this.#flaws.discardsByJob),
      listedMs: this.#ground.scheduler.nowMs,
    }));
    for (const uploadId of open) await this.#abort(run, uploadId);
    return listedMs;
  }

  #abort(run: RunRef, uploadId: string): Promise<void> {
    return this.#store.run('abort upload', () => this.#bucket.abort(run, uploadId));
  }
}

/** One attempt at a shard. */
class SimSink implements Sink {
  readonly #ground: Ground;
  readonly #bucket: Bucket;
  readonly #store: Store;
  readonly #flaws: WriterFlaws;
  readonly #task: TaskRef;
  readonly #prior: readonly UploadRecord[];
  readonly #key: string;
  #uploadId: string | undefined;
  #parts: PartRecord[] = [];
  #buffer: number[] = [];
  #owed: (() => Promise<void>) | undefined;

  constructor(
    ground: Ground,
    bucket: Bucket,
    store: Store,
    flaws: WriterFlaws,
    task: TaskRef,
    prior: SinkState | undefined,
  ) {
    this.#ground = ground;
    this.#bucket = bucket;
    this.#store = store;
    this.#flaws = flaws;
    this.#task = task;
    this.#prior = prior === undefined ? [] : decode(prior);
    const attempt = flaws.namesWithoutEpoch ? '' : `/${task.epoch}`;
    this.#key = `${runPath(task)}/${task.shardId}${attempt}`;
  }

  async write(block: RowBlock): Promise<readonly RowFault[]> {
    await this.#payOwed();
    const { dirtyEvery, partRows } = this.#ground.scenario.sizes;
    const faults: RowFault[] = [];
    for (let row = 0; row < block.rowCount; row++) {
      const id = Number(block.bytes.readBigInt64LE(block.starts[row]));
      if (isDirty(id, dirtyEvery)) {
        const error = new SyncError('CNV-3001', 'data', 'refused by the target');
        faults.push({ row, column: 0, error, targetType: 'bucket' });
      } else this.#buffer.push(id);
    }
    while (this.#buffer.length >= partRows) await this.#send(partRows);
    return faults;
  }

  async checkpoint(): Promise<SinkState | undefined> {
    const { minPartRows } = this.#ground.scenario.sizes;
    const rows = this.#buffer.length;
    if (rows > 0 && rows < minPartRows) return undefined;
    await this.#payOwed();
    if (rows > 0) await this.#send(rows, this.#flaws.positionBeforeData);
    return this.#state();
  }

  async finish(): Promise<SinkState> {
    await this.#payOwed();
    if (this.#buffer.length > 0) await this.#send(this.#buffer.length);
    return this.#state();
  }

  async close(): Promise<void> {
    this.#buffer = [];
  }

  /** Sends the first `count` buffered rows as a part. Repeating it is harmless: same number, same rows. */
  async #send(count: number, later = false): Promise<void> {
    const uploadId = await this.#upload();
    const rows = this.#buffer.splice(0, count);
    const number = this.#parts.length + 1;
    const send = (): Promise<void> =>
      this.#store.run('put part', () => {
        this.#ground.ledger.of(lineageOf(runPath(this.#task))).parts++;
        return this.#bucket.putPart(uploadId, number, rows);
      });
    if (later) this.#owed = send;
    else await send();
    this.#parts.push([number, crcOf(rows), rows.length]);
  }

  async #upload(): Promise<string> {
    const fixed = this.#flaws.namesWithoutEpoch ? this.#key : undefined;
    this.#uploadId ??= await this.#store.run('begin upload', () =>
      this.#bucket.initiate(this.#task, this.#key, fixed),
    );
    return this.#uploadId;
  }

  async #payOwed(): Promise<void> {
    const owed = this.#owed;
    this.#owed = undefined;
    await owed?.();
  }

  #state(): SinkState {
    const own =
      this.#uploadId === undefined || this.#parts.length === 0
        ? []
        : [{ key: this.#key, uploadId: this.#uploadId, parts: [...this.#parts] }];
    return JSON.stringify([...this.#prior, ...own]) as SinkState;
  }
}

const decode = (state: SinkState): readonly UploadRecord[] => JSON.parse(state) as UploadRecord[];

function same(stored: readonly ListedObject[], wanted: readonly ListedObject[]): void {
  if (JSON.stringify(stored) !== JSON.stringify(wanted))
    throw lost('the run was committed before with other objects');
}
