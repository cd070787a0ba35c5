/**
 * A reader who trusts the manifest, looking now and then while a run is disturbed, and besides before every call that may
 * change what there is to see. Every look is one listing, so it is the bucket at one moment, and must show
 *
 *   before the run commits   the old output, and nothing of the run: neither objects nor a manifest
 *   without a manifest       the old output
 *   with the manifest        every object that it lists, with its size; at first sight its checksum is compared too
 */
import type { OutputNames } from './output-names.ts';
import type { PublicBucket } from './public-bucket.ts';

/** The part of a manifest that readers use. */
export interface Manifest {
  readonly rows: number;
  readonly bytes: number;
  readonly objects: readonly {
    readonly key: string;
    readonly size: number;
    readonly crc64: string;
    readonly rows: number;
  }[];
}

/** Pause between two looks. */
const LOOK_MS = 50;
const MAX_PROBLEMS = 5;

/** Looks at one run from `start` to `stop`. */
export class OutputReader {
  readonly #bucket: PublicBucket;
  readonly #names: OutputNames;
  readonly #mayShow: () => Promise<boolean>;
  readonly #problems = new Set<string>();
  #isShown = false;
  #isStopped = false;
  #looking: Promise<void> = Promise.resolve();
  /** Looks so far. */
  looks = 0;
  /** The manifest, once it was seen. */
  manifest: Manifest | undefined;

  /** `mayShow` tells whether the run is committing or over. */
  constructor(bucket: PublicBucket, names: OutputNames, mayShow: () => Promise<boolean>) {
    this.#bucket = bucket;
    this.#names = names;
    this.#mayShow = mayShow;
  }

  /** What was wrong, each once. */
  get problems(): readonly string[] {
    return [...this.#problems].slice(0, MAX_PROBLEMS);
  }

  start(): void {
    this.#looking = this.#lookOn();
    // A failure is told by `stop`; until then it is nobody's, but not unhandled.
    this.#looking.catch(() => undefined);
  }

  /** Ends looking all the time, and looks once more. Rejects when the bucket could not be read. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking;
    await this.look();
  }

  async #lookOn(): Promise<void> {
    while (!this.#isStopped) {
      await this.look();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /** Looks once. */
  async look(): Promise<void> {
    const { folder, object, old, manifest } = this.#names;
    const sizes = await this.#bucket.list(folder);
    this.looks++;
    const isCommitted = sizes.has(manifest);
    const isVisible = isCommitted || [...sizes.keys()].some((key) => key.startsWith(`${object}__`));
    // Asked after the look: a run that is not committing now was not committing then.
    if (isVisible && !this.#isShown) {
      if (await this.#mayShow()) this.#isShown = true;
      else this.#problems.add('something was visible before the run was committing');
    }
    if (!isCommitted && !sizes.has(old))
      this.#problems.add('the old output was gone before the manifest was there');
    if (!isCommitted && this.manifest) this.#problems.add('the manifest was there and is gone');
    if (isCommitted) await this.#compare(sizes);
  }

  async #compare(sizes: ReadonlyMap<string, number>): Promise<void> {
    const isFirst = this.manifest === undefined;
    this.manifest ??= await this.#readManifest();
    for (const { key, size, crc64 } of this.manifest?.objects ?? []) {
      if (sizes.get(key) !== size)
        this.#problems.add(`the manifest lists ${key}, which was missing or incomplete`);
      else if (isFirst && (await this.#bucket.head(key))?.crc64 !== crc64)
        this.#problems.add(`the manifest lists ${key} with another checksum`);
    }
  }

  async #readManifest(): Promise<Manifest | undefined> {
    const bytes = await this.#bucket.read(this.#names.manifest);
    try {
      return JSON.parse(String(bytes)) as Manifest;
    } catch {
      this.#problems.add('the manifest cannot be read');
      return undefined;
    }
  }
}
