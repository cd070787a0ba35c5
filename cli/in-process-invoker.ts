/** The functions of a run in this process: messages in a queue, handlers as they are deployed, a sweep beside them. */
import { setMaxListeners } from 'node:events';
import type { RunRef } from '../core/connectors/contract.ts';
import { asSyncError } from '../core/errors/index.ts';
import type { FunctionName, Invoker, RunMessage } from '../core/ports/index.ts';
import {
  type EngineDeps,
  endlessSlice,
  finalize,
  isTerminal,
  orchestrate,
  runPath,
  type Slice,
  sweep,
  work,
} from '../core/run/index.ts';

/** Workers at once: one process has one thread for rows, and more only add open connections. */
export const MAX_WORKERS = 16;

/** Pause between two sweeps: what a crash in this process left behind waits for it. */
const SWEEP_MS = 3_000;

interface Queued {
  readonly target: FunctionName;
  readonly message: RunMessage;
}

/**
 * Executes the messages of one run. Those of other runs are dropped: their own processes or functions look
 * after them.
 */
export class InProcessInvoker implements Invoker {
  readonly #maxWorkers: number;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #queue: Queued[] = [];
  #workers = 0;
  #stopping = false;
  #run: RunRef | undefined;
  #deps: EngineDeps | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(maxWorkers = MAX_WORKERS) {
    this.#maxWorkers = maxWorkers;
    // Every open connection of every worker listens; that is not the leak that Node would warn of.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Binds the engine and the run; messages that came before are executed now. */
  attach(deps: EngineDeps, run: RunRef): void {
    this.#deps = deps;
    this.#run = run;
    this.#queue = this.#queue.filter(({ message }) => runPath(message) === runPath(run));
    this.#pump();
  }

  /** Begins to sweep every few seconds until `close`. */
  startSweeping(): void {
    this.#sweeping = this.#sweepLoop();
  }

  async invoke(target: FunctionName, message: RunMessage): Promise<void> {
    if (this.#stopping || this.#isForeign(message) || this.#isQueued(target, message)) return;
    this.#queue.push({ target, message });
    this.#pump();
  }

  /** Asks the workers to checkpoint and end; nothing new starts. */
  stop(): void {
    this.#stopping = true;
    this.#queue = [];
  }

  /** Whether nothing is executed at the moment. */
  get isIdle(): boolean {
    return this.#running.size === 0 && this.#queue.length === 0;
  }

  /** Ends whatever still runs and waits for it. */
  async close(): Promise<void> {
    this.stop();
    this.#abort.abort();
    await Promise.all([...this.#running, this.#sweeping]);
  }

  #isForeign(message: RunMessage): boolean {
    return this.#run !== undefined && runPath(message) !== runPath(this.#run);
  }

  /** A second equal message adds nothing to one that still waits. */
  #isQueued(target: FunctionName, message: RunMessage): boolean {
    return this.#queue.some(
      (queued) => queued.target === target && queued.message.channel === message.channel,
    );
  }

  #pump(): void {
    if (!this.#deps) return;
    const waiting: Queued[] = [];
    for (const queued of this.#queue.splice(0)) {
      const isWorker = queued.target === 'worker';
      if (isWorker && this.#workers >= this.#maxWorkers) waiting.push(queued);
      else this.#execute(this.#deps, queued);
    }
    this.#queue.push(...waiting);
  }

  #execute(deps: EngineDeps, queued: Queued): void {
    const isWorker = queued.target === 'worker';
    if (isWorker) this.#workers++;
    const execution = this.#call(deps, queued).then(() => {
      this.#running.delete(execution);
      if (isWorker) this.#workers--;
      this.#pump();
    });
    this.#running.add(execution);
  }

  /** A fault that reaches this place is one of the state store; the next sweep sends the message again. */
  async #call(deps: EngineDeps, { target, message }: Queued): Promise<void> {
    try {
      await handle(deps, target, message, this.#slice());
    } catch (error) {
      const fault = asSyncError(error);
      deps.log.warn('an invocation failed', { target, code: fault.code, fault: fault.message });
    }
  }

  #slice(): Slice {
    const endless = endlessSlice(this.#abort.signal);
    return { ...endless, timeLeftMs: () => (this.#stopping ? -1 : endless.timeLeftMs()) };
  }

  async #sweepLoop(): Promise<void> {
    const deps = this.#deps;
    if (!deps) return;
    while (!this.#stopping) {
      await deps.clock.sleep(SWEEP_MS, this.#abort.signal);
      if (this.#stopping) return;
      await this.#call(this.#sweepDeps(deps), { target: 'sweeper', message: { v: 1, jobId: '', runId: '' } });
    }
  }

  /** Sees its own run, and runs of the same job that are over and only wait to be cleaned up. */
  #sweepDeps(deps: EngineDeps): EngineDeps {
    const listActive = async () => {
      const active = (await deps.state.listActive()).filter(({ jobId }) => jobId === this.#run?.jobId);
      const rows = await Promise.all(active.map((ref) => deps.state.runs.get(ref)));
      return active.filter(
        (ref, i) => !this.#isForeign({ v: 1, ...ref }) || isTerminal(rows[i]?.value.state ?? 'PLANNING'),
      );
    };
    return { ...deps, state: { ...deps.state, listActive } };
  }
}

async function handle(
  deps: EngineDeps,
  target: FunctionName,
  message: RunMessage,
  slice: Slice,
): Promise<void> {
  switch (target) {
    case 'orchestrator':
      return orchestrate(deps, message, slice);
    case 'worker':
      return work(deps, { ...message, channel: message.channel ?? 0 }, slice);
    case 'finalizer':
      return finalize(deps, message, slice);
    case 'sweeper':
      return sweep(deps, slice);
    default:
      return target satisfies never;
  }
}
