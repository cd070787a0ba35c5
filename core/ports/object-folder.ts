/** A place for small objects under names, such as a prefix of a bucket. */
export interface ObjectFolder {
  /** Where it is, for people: `oss://bucket/prefix`. */
  readonly location: string;
  /** Throws if objects can certainly not be put here. No effect. */
  check(): Promise<void>;
  /** Stores an object as a whole; what had the name before is replaced. It is durable when this resolves. */
  put(name: string, bytes: Buffer): Promise<void>;
  /** The whole object, or `undefined` if there is none. */
  get(name: string): Promise<Buffer | undefined>;
  /** Names that begin with `prefix`, in byte order. Every object whose `put` resolved before is among them. */
  names(prefix: string): AsyncIterable<string>;
  close(): Promise<void>;
}

/** Objects in the memory of this process: for simulation and tests. Passes the same contract suite as the real one. */
export class MemoryFolder implements ObjectFolder {
  readonly location = 'memory';
  readonly objects = new Map<string, Buffer>();

  async check(): Promise<void> {}

  async put(name: string, bytes: Buffer): Promise<void> {
    this.objects.set(name, Buffer.from(bytes));
  }

  async get(name: string): Promise<Buffer | undefined> {
    return this.objects.get(name);
  }

  async *names(prefix: string): AsyncGenerator<string> {
    const names = [...this.objects.keys()].filter((name) => name.startsWith(prefix));
    yield* names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async close(): Promise<void> {}
}
