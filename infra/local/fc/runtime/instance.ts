import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { MAX_LOAD_MS, MAX_SYNC_PAYLOAD_BYTES } from '../limits.ts';
import { type FcLogLine, LineSplitter, LogTail } from './log-tail.ts';
import { residentNow } from './memory-probe.ts';
import { type FailureReason, failureBody, megabytes, type Outcome } from './outcome.ts';
import {
  type AccountFacts,
  contextOf,
  type ExecutionRequest,
  type FunctionTarget,
  platformEnvironment,
} from './target.ts';

type StreamName = 'stdout' | 'stderr';

type InstanceMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'log'; readonly stream: StreamName; readonly text: string }
  | {
      readonly kind: 'result';
      readonly requestId: string;
      readonly body: Uint8Array;
      readonly errorType?: string;
    };

/** What an instance needs from its surroundings. */
export interface InstanceHost {
  readonly bootstrapFile: string;
  readonly account: AccountFacts;
  readonly onLog?: ((line: FcLogLine) => void) | undefined;
}

/** The request that an instance works on, until `settle` is called once. */
interface Running {
  readonly requestId: string;
  readonly startedMs: number;
  readonly tail: LogTail;
  readonly settle: (outcome: Outcome) => void;
  timer?: NodeJS.Timeout;
}

/** Share of the memory limit that the JavaScript heap may take; the rest is code, stacks and buffers. */
const HEAP_SHARE = 0.9;
const HEAP_EXHAUSTED = 'heap out of memory';

/**
 * One process that runs one request at a time of one function.
 *
 *   starting → idle ⇄ busy → (any) → ended
 *
 * A limit that is broken ends the process: an instance is never reused after a timeout or lack of memory.
 */
export class Instance {
  readonly instanceId = `c-${randomUUID()}`;
  readonly target: FunctionTarget;
  readonly ended: Promise<void>;
  state: 'starting' | 'idle' | 'busy' | 'ended' = 'starting';
  idleSinceMs = performance.now();
  /** Set when the function changed: the instance ends after its request. */
  retired = false;
  private startingFor: string | undefined;
  private readonly host: InstanceHost;
  private readonly child: ChildProcess;
  private readonly splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
  private running: Running | undefined;
  private startup: { resolve: () => void; reject: (error: FailedStart) => void } | undefined;
  private killReason: FailureReason | undefined;
  private maxMemoryBytes = 0;
  private stderrTail = '';

  constructor(target: FunctionTarget, host: InstanceHost) {
    this.target = target;
    this.host = host;
    this.child = this.spawn();
    this.child.on('message', (message) => this.receive(message as InstanceMessage));
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => this.log(name, text));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('error', () => this.end(null, null, resolve));
      // Leftover grandchildren hold the pipes open: end the whole group before waiting for the pipes.
      this.child.once('exit', () => this.signalGroup());
      this.child.once('close', (code, signal) => this.end(code, signal, resolve));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get requestId(): string | undefined {
    return this.running?.requestId ?? this.startingFor;
  }

  /** Loads the code and runs the initializer. Rejects with `FailedStart`; the instance is then ended. */
  async start(requestId: string): Promise<void> {
    const { codeDir, handler, initializer, initializationMs } = this.target;
    const context = contextOf(this.target, this.host.account, requestId);
    this.startingFor = requestId;
    const limitMs = MAX_LOAD_MS + (initializer === '' ? 0 : initializationMs);
    const timer = setTimeout(() => this.kill('timeout'), limitMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.startup = { resolve, reject };
        this.send({ kind: 'start', codeDir, handler, initializer, context });
      });
    } finally {
      clearTimeout(timer);
      this.startup = undefined;
      this.startingFor = undefined;
    }
  }

  /** Runs one request to its outcome; never rejects. */
  execute(request: ExecutionRequest): Promise<Outcome> {
    const { requestId, event } = request;
    return new Promise((resolve) => {
      this.state = 'busy';
      const running: Running = {
        requestId,
        startedMs: performance.now(),
        tail: new LogTail(),
        settle: resolve,
      };
      running.timer = setTimeout(() => this.kill('timeout'), this.target.timeoutMs);
      this.running = running;
      this.send({
        kind: 'invoke',
        requestId,
        event,
        context: contextOf(this.target, this.host.account, requestId),
      });
    });
  }

  /** Takes a look of the memory probe; ends the process when it is over its limit. */
  observeMemory(bytes: number): void {
    this.maxMemoryBytes = Math.max(this.maxMemoryBytes, bytes);
    if (bytes > this.target.memoryMb * 1_048_576) this.kill('out-of-memory');
  }

  /** Ends the process at once. The first reason counts. */
  kill(reason: FailureReason): void {
    if (this.state === 'ended') return;
    this.killReason ??= reason;
    this.signalGroup();
    this.child.kill('SIGKILL');
  }

  private spawn(): ChildProcess {
    const heapMb = Math.max(32, Math.floor(this.target.memoryMb * HEAP_SHARE));
    return spawn(process.execPath, [`--max-old-space-size=${heapMb}`, this.host.bootstrapFile], {
      cwd: this.target.codeDir,
      env: {
        ...platformEnvironment(this.target, this.host.account, this.instanceId),
        ...this.target.environment,
      },
      // Its own process group: an interrupt from the terminal must reach the server only, which then
      // decides; and a kill takes the children of the function with it.
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  }

  private signalGroup(): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // No such group: everything in it has ended already.
    }
  }

  private send(message: object): void {
    if (!this.child.connected) return; // the exit that is on its way settles the request
    this.child.send(message, () => {
      // A failed write means that the process is going down; `close` settles the request.
    });
  }

  private receive(message: InstanceMessage): void {
    switch (message.kind) {
      case 'ready':
        this.startup?.resolve();
        return;
      case 'failed':
        this.startup?.reject(new FailedStart(Buffer.from(JSON.stringify(message.error)), 'initializer'));
        return;
      case 'log':
        this.log(message.stream, message.text);
        return;
      case 'result':
        this.finish(message);
        return;
      default:
        message satisfies never;
    }
  }

  private finish(message: Extract<InstanceMessage, { kind: 'result' }>): void {
    if (this.running?.requestId !== message.requestId || this.killReason) return;
    // A short request ends between two looks of the probe.
    const resident = this.pid === undefined ? undefined : residentNow(this.pid);
    this.maxMemoryBytes = Math.max(this.maxMemoryBytes, resident ?? 0);
    const failure =
      message.errorType === undefined
        ? undefined
        : message.errorType === 'HandledInvocationError'
          ? 'handled'
          : 'thrown';
    const { body } = message;
    if (body.byteLength > MAX_SYNC_PAYLOAD_BYTES) {
      this.settle('thrown', failureBody(`the result is larger than ${MAX_SYNC_PAYLOAD_BYTES} bytes`));
    } else {
      this.settle(failure, Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    }
  }

  private settle(failure: FailureReason | undefined, body: Buffer): void {
    const running = this.running;
    if (!running) return;
    clearTimeout(running.timer);
    this.running = undefined;
    if (this.state === 'busy') this.state = 'idle';
    this.idleSinceMs = performance.now();
    running.settle({
      body,
      ...(failure === undefined ? {} : { failure }),
      durationMs: performance.now() - running.startedMs,
      maxMemoryBytes: this.maxMemoryBytes,
      logTail: running.tail.read(),
    });
  }

  private end(code: number | null, signal: NodeJS.Signals | null, done: () => void): void {
    if (this.state === 'ended') return;
    for (const name of ['stdout', 'stderr'] as const) {
      for (const text of this.splitters[name].flush()) this.emitLine(name, text);
    }
    const { reason, message } = this.explainEnd(code, signal);
    this.state = 'ended';
    this.settle(reason, failureBody(message));
    this.startup?.reject(new FailedStart(failureBody(message), reason));
    done();
  }

  private explainEnd(code: number | null, signal: string | null): { reason: FailureReason; message: string } {
    const used = megabytes(this.maxMemoryBytes);
    const startedMs = this.running?.startedMs ?? performance.now();
    const durationMs = (performance.now() - startedMs).toFixed(2);
    const exhausted = this.stderrTail.includes(HEAP_EXHAUSTED);
    const reason = this.killReason ?? (exhausted ? 'out-of-memory' : 'exited');
    switch (reason) {
      case 'timeout': {
        const limit = this.running ? this.target.timeoutMs : MAX_LOAD_MS + this.target.initializationMs;
        const what = this.running ? 'Function' : 'Function initialization';
        return {
          reason,
          message: `${what} timed out after ${limit / 1_000} seconds (maxMemoryUsage: ${used})`,
        };
      }
      case 'out-of-memory':
        return {
          reason,
          message: `Process exited unexpectedly before completing request (duration: ${durationMs}ms, maxMemoryUsage: ${used}): out of memory, limit ${this.target.memoryMb}MB`,
        };
      case 'stopped':
        return { reason, message: 'The invocation was stopped' };
      default:
        return {
          reason,
          message: `Process exited unexpectedly before completing request (duration: ${durationMs}ms, maxMemoryUsage: ${used})${signal ? `: ${signal}` : code ? `: exit code ${code}` : ''}`,
        };
    }
  }

  private log(stream: StreamName, text: string): void {
    this.running?.tail.append(text);
    if (stream === 'stderr') this.stderrTail = (this.stderrTail + text).slice(-2_048);
    for (const line of this.splitters[stream].push(text)) this.emitLine(stream, line);
  }

  private emitLine(stream: StreamName, text: string): void {
    const requestId = this.running?.requestId;
    this.host.onLog?.({
      functionName: this.target.functionName,
      instanceId: this.instanceId,
      ...(requestId === undefined ? {} : { requestId }),
      stream,
      text,
    });
  }
}

/** The code could not be loaded, or the initializer failed. */
export class FailedStart extends Error {
  readonly body: Buffer;
  readonly reason: FailureReason;

  constructor(body: Buffer, reason: FailureReason) {
    super('the instance could not start');
    this.name = 'FailedStart';
    this.body = body;
    this.reason = reason;
  }
}
