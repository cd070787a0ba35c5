/** The outside of the command line as a test sees it: text is kept, signals are sent by hand. */
import { type CliIo, type EndSignal, processIo, type TextSink } from '../../../cli/io.ts';
import { runCli } from '../../../cli/main.ts';

/** How a test wants the outside to be. */
export interface CapturedOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export class CapturedIo implements CliIo {
  out = '';
  err = '';
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly self = processIo().self;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly #handlers = new Set<(signal: EndSignal) => void>();
  readonly #waiting: { text: string; resolve: () => void }[] = [];

  constructor({ cwd, env = {}, isTTY = false, columns = 80 }: CapturedOptions) {
    this.cwd = cwd;
    this.env = env;
    this.stdout = { isTTY, columns, write: (text) => this.#take('out', text) };
    this.stderr = { isTTY, columns, write: (text) => this.#take('err', text) };
  }

  onSignal(handler: (signal: EndSignal) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Sends a signal to whoever listens. */
  signal(signal: EndSignal): void {
    for (const handler of [...this.#handlers]) handler(signal);
  }

  /** Resolves when either stream has shown the text. */
  shown(text: string): Promise<void> {
    if (this.out.includes(text) || this.err.includes(text)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ text, resolve });
    });
  }

  #take(stream: 'out' | 'err', text: string): void {
    this[stream] += text;
    for (const { text: wanted, resolve } of this.#waiting) if (this[stream].includes(wanted)) resolve();
  }
}

/** What a command line did. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line to its end. */
export async function cli(argv: readonly string[], options: CapturedOptions): Promise<CliResult> {
  const io = new CapturedIo(options);
  const code = await runCli(argv, io);
  return { code, out: io.out, err: io.err };
}
