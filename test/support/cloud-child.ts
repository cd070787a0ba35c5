import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { HeldCall, WatchOrders } from './crash-watch.ts';

/** How the cloud is started. */
export interface CloudOptions {
  readonly dataDir?: string;
  /** Instances of all functions together. */
  readonly maxInstances?: number;
  /** Variables that every function is started with. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What the cloud's process can be asked for. */
export type CloudCommand =
  | ({ readonly do: 'start' } & CloudOptions)
  | {
      readonly do: 'load';
      readonly table: string;
      readonly from: number;
      readonly to: number;
      readonly rows?: 'wide' | 'narrow';
    }
  | { readonly do: 'busy'; readonly functionName: string }
  | { readonly do: 'kill'; readonly instanceId: string }
  | { readonly do: 'deliver'; readonly rule: 'all' | 'double' | 'drop-fifth' }
  | {
      readonly do: 'slow';
      readonly call?: { readonly operation: string; readonly key: string; readonly ms: number };
    }
  /** Seeded faults from now on, one profile per text; none = no more. */
  | { readonly do: 'faults'; readonly specs: readonly string[] }
  /** What those faults were since they were set. */
  | { readonly do: 'decisions' }
  /** Names and counts the calls of functions from now on, and kills, refuses and holds as ordered. */
  | { readonly do: 'watch'; readonly orders: WatchOrders }
  /** What came of it: a `WatchReport`. */
  | { readonly do: 'watched' }
  /** From now on no message is delivered; they are kept for `messages`. */
  | { readonly do: 'keep messages' }
  /** The messages that were sent since the last question: `{ messages: Message[] }`. */
  | { readonly do: 'messages' }
  /** Lets a held call go. */
  | { readonly do: 'go on'; readonly hold: number }
  /** Answers when no message is queued or running. */
  | { readonly do: 'idle' }
  | { readonly do: 'logs' }
  | { readonly do: 'stats' }
  | { readonly do: 'close' };

/** An event that a function was to be invoked with. */
export interface Message {
  readonly functionName: string;
  readonly event: string;
}

/** The cloud tells of its own accord: a call waits to be let go by `go on`. */
export interface CloudNotice {
  readonly hold: number;
  readonly call: HeldCall;
}

/** An answer; results are plain data. */
export interface CloudAnswer {
  readonly id: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

/** Addresses and keys of a running cloud. */
export interface CloudAddress {
  readonly ots: string;
  readonly oss: string;
  readonly fc: string;
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** The cloud in a process of its own, as in real life: its work does not share a thread with the export. */
export class CloudChild {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #ids = 0;
  /** What a test does while a call is held; it goes on afterwards. */
  onHeld: (call: HeldCall) => Promise<void> = async () => {};
  address!: CloudAddress;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    child.on('message', (message: CloudAnswer | CloudNotice) => {
      if ('hold' in message) void this.#attend(message);
      else this.#settle(message);
    });
    child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the cloud process ended'));
    });
  }

  static async start(options: CloudOptions = {}): Promise<CloudChild> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-cloud-'));
    const outfile = path.join(folder, 'cloud.cjs');
    await build({
      entryPoints: [path.resolve('test/support/cloud-process.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      mainFields: ['module', 'main'],
      logLevel: 'error',
    });
    const child = fork(outfile, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--max-old-space-size=6144'],
    });
    const cloud = new CloudChild(child, folder);
    cloud.address = await cloud.ask<CloudAddress>({ do: 'start', ...options });
    return cloud;
  }

  ask<T>(command: CloudCommand): Promise<T> {
    const id = this.#ids++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: never) => void, reject });
      this.#child.send({ id, command });
    });
  }

  /** SIGKILLs one busy instance of a function if there is one; `random` chooses among several. */
  async killBusy(functionName: string, random = (): number => 0): Promise<boolean> {
    const { ids } = await this.ask<{ ids: string[] }>({ do: 'busy', functionName });
    if (ids.length === 0) return false;
    const instanceId = ids[Math.floor(random() * ids.length)]!;
    return (await this.ask<{ killed: boolean }>({ do: 'kill', instanceId })).killed;
  }

  /** The last lines that functions wrote. */
  async logs(): Promise<string> {
    return (await this.ask<{ lines: string[] }>({ do: 'logs' })).lines.join('\n');
  }

  async close(): Promise<void> {
    await this.ask({ do: 'close' }).catch(() => undefined);
    this.#child.disconnect?.();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** `onHeld` must not reject: nobody would hear of it. */
  async #attend({ hold, call }: CloudNotice): Promise<void> {
    await this.onHeld(call);
    await this.ask({ do: 'go on', hold }).catch(() => undefined);
  }

  #settle(answer: CloudAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.error !== undefined) waiting?.reject(new Error(answer.error));
    else waiting?.resolve((answer.result ?? {}) as never);
  }
}
