import type { Batch, Cursor, Reader, Shard, Writer } from '../../core/connectors/contract.ts';
import { AssertionError } from '../../core/errors/index.ts';
import type { JobModel } from '../../core/job/model.ts';
import { type RetryPolicy, withRetry } from '../../core/limits/retry.ts';
import type { Systems } from '../../core/run/index.ts';
import type { Bucket } from './bucket.ts';
import type { Ground } from './ground.ts';
import type { Instance, Site } from './instance.ts';
import { SimWriter, type WriterFlaws } from './sim-writer.ts';
import { ID_COLUMN, rangeOf, type Source } from './source.ts';

/** As a connector rides out short trouble by itself. */
const RETRY: RetryPolicy = { maxAttempts: 3, baseMs: 200, capMs: 2_000 };
/** Planning asks for statistics, which takes as long as this many batches. */
const PLAN_COST = 4;

/** Both sides of all jobs, as any instance opens them. */
export class SimSystems {
  readonly #ground: Ground;
  /** By the `source` that a reader's parameters name. */
  readonly #sources: ReadonlyMap<string, Source>;
  readonly bucket: Bucket;
  readonly #flaws: WriterFlaws;
  readonly #committing = new Map<string, number>();

  constructor(ground: Ground, sources: ReadonlyMap<string, Source>, bucket: Bucket, flaws: WriterFlaws) {
    this.#ground = ground;
    this.#sources = sources;
    this.bucket = bucket;
    this.#flaws = flaws;
  }

  openedBy(instance: Instance): Systems {
    return {
      openReader: async (job) => this.#reader(instance, this.#sourceOf(job)),
      openWriter: async () => this.#writer(instance),
    };
  }

  #writer(instance: Instance): Writer {
    return new SimWriter(this.#ground, this.bucket, instance, this.#flaws, this.#committing);
  }

  #sourceOf(job: JobModel): Source {
    const source = this.#sources.get(String(job.reader.params.source));
    if (!source) throw new AssertionError('a job without a source');
    return source;
  }

  #reader(instance: Instance, source: Source): Reader {
    return {
      columns: async () => [ID_COLUMN],
      plan: () => this.#ask(instance, 'plan', PLAN_COST, async () => source.plan()),
      read: (shard, from) => this.#read(instance, source, shard, from),
      ...(this.#ground.scenario.sizes.splits > 0 ? { split: this.#splitter(instance, source) } : {}),
      close: async () => {},
    };
  }

  #splitter(instance: Instance, source: Source): NonNullable<Reader['split']> {
    return (shard, from, pieces) => {
      const at = from === undefined ? rangeOf(shard.range)[0] : Number(from);
      return this.#ask(instance, 'split', 1, async () => source.split(shard, at, pieces));
    };
  }

  async *#read(
    instance: Instance,
    source: Source,
    shard: Shard,
    from: Cursor | undefined,
  ): AsyncIterable<Batch> {
    const [begin, end] = rangeOf(shard.range);
    let at = from === undefined ? begin : Number(from);
    while (at < end) {
      const batch = await this.#ask(instance, 'read', 1, async () => source.batch(shard, at));
      if (instance.account) instance.account.batches++;
      at = Number(batch.cursor);
      yield batch;
    }
  }

  #ask<T>(instance: Instance, what: string, cost: number, effect: () => Promise<T>): Promise<T> {
    const meanMs = this.#ground.scenario.sizes.readMs * cost;
    const site: Site = {
      side: 'source',
      what,
      meanMs,
      writes: false,
      codes: { fault: 'SRC-2001', auth: 'SRC-2002' },
    };
    return withRetry(() => instance.call(site, effect), RETRY, instance);
  }
}
