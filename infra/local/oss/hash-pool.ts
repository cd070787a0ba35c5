/**
 * Threads that compute the sums of larger contents: MD5 alone takes longer than everything else that receiving does.
 * Bytes travel through slots of shared memory which belong to a content only while they are filled and hashed, so a
 * slow sender holds none of them and memory stays bounded however many contents arrive.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  ALIGNMENT,
  alignedLength,
  BATCH_BYTES,
  ContentHash,
  type ContentSums,
  type RemoteHash,
} from './content-hash.ts';
import { crc64Kernel } from './crc64.ts';
import {
  HASH_WORKER_SOURCE,
  type HashOrder,
  type HashReport,
  type HashWorkerData,
} from './hash-worker-source.ts';

/** More threads than this bring nothing: the thread that receives is busy by then. */
const MAX_THREADS = 2;
/** Slots of a thread: 2 MiB, enough for it to find work while slots are filled. */
const SLOTS = 8;

/** Somebody who waits for the thread. */
interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** One thread with its slots. It does not keep the process alive. */
class HashThread {
  private readonly worker: Worker;
  private readonly memory: Uint8Array;
  private readonly free = Array.from({ length: SLOTS }, (_, slot) => slot);
  private readonly forSlot: Waiting<number>[] = [];
  private readonly forSums = new Map<number, Waiting<ContentSums>>();
  private readonly contents = new Set<number>();
  private failure: Error | undefined;
  private lastContent = 0;

  /** `onEnd` is called once, when the thread ends for whatever reason. */
  constructor(onEnd: () => void) {
    const slots = new SharedArrayBuffer(SLOTS * BATCH_BYTES);
    const workerData: HashWorkerData = {
      slots,
      slotBytes: BATCH_BYTES,
      alignment: ALIGNMENT,
      crc64: crc64Kernel(),
    };
    this.memory = new Uint8Array(slots);
    this.worker = new Worker(HASH_WORKER_SOURCE, { eval: true, execArgv: [], workerData });
    this.worker.on('message', (report: HashReport) => this.onReport(report));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', () => {
      this.fail(new Error('the hashing thread has ended'));
      onEnd();
    });
    // Last, because a listener for messages keeps the process alive again.
    this.worker.unref();
  }

  /** Contents under way. */
  get load(): number {
    return this.contents.size;
  }

  /** Begins a content. */
  open(): RemoteHash {
    this.lastContent += 1;
    const content = this.lastContent;
    this.contents.add(content);
    return {
      fold: (pieces) => this.fold(content, pieces),
      sums: () => this.sums(content),
      drop: () => {
        this.contents.delete(content);
        this.order({ content, end: 'drop' });
      },
    };
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private fold(content: number, pieces: readonly Uint8Array[]): Promise<void> | undefined {
    const slot = this.free.pop();
    if (slot === undefined) return this.nextSlot().then((freed) => this.fill(freed, content, pieces));
    this.fill(slot, content, pieces);
    return undefined;
  }

  private fill(slot: number, content: number, pieces: readonly Uint8Array[]): void {
    let at = slot * BATCH_BYTES;
    for (const piece of pieces) {
      this.memory.set(piece, at);
      at += alignedLength(piece.length);
    }
    this.order({ content, slot, lengths: pieces.map((piece) => piece.length) });
  }

  private nextSlot(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.forSlot.push({ resolve, reject });
    });
  }

  private sums(content: number): Promise<ContentSums> {
    this.order({ content, end: 'sums' });
    return new Promise((resolve, reject) => {
      if (this.failure) reject(this.failure);
      else this.forSums.set(content, { resolve, reject });
    });
  }

  private order(order: HashOrder): void {
    this.worker.postMessage(order);
  }

  private onReport(report: HashReport): void {
    if ('slot' in report) {
      const next = this.forSlot.shift();
      if (next) next.resolve(report.slot);
      else this.free.push(report.slot);
      return;
    }
    const { content, md5, crc64 } = report;
    this.forSums.get(content)?.resolve({ md5: Buffer.from(md5, 'hex'), crc64 });
    this.forSums.delete(content);
    this.contents.delete(content);
  }

  /** Everybody who waits learns of it, and so does everybody who would wait from now on. */
  private fail(error: Error): void {
    this.failure ??= error;
    for (const { reject } of [...this.forSlot.splice(0), ...this.forSums.values()]) reject(this.failure);
    this.forSums.clear();
  }
}

/** The threads of one service, started when they are first needed. */
export class HashPool {
  private readonly threads = new Set<HashThread>();
  private readonly most = Math.min(MAX_THREADS, availableParallelism());

  /** The running hash of a new content. */
  open(): ContentHash {
    return new ContentHash(() => this.thread().open());
  }

  /** Ends the threads; contents under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  /** The thread with the fewest contents, or a new one while all have some and more are allowed. */
  private thread(): HashThread {
    const [least] = [...this.threads].sort((a, b) => a.load - b.load);
    if (least && (least.load === 0 || this.threads.size === this.most)) return least;
    const started = new HashThread(() => this.threads.delete(started));
    this.threads.add(started);
    return started;
  }
}
