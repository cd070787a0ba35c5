import pc from 'picocolors';
import type { CliIo } from './io.ts';

/** `text` for people · `json`: one object at the end · `ndjson`: one event per line. */
export type OutputMode = 'text' | 'json' | 'ndjson';

/** Anything that JSON can hold; bigint is written as text. */
export type Json = unknown;

/** Colours, or none. */
export type Colors = ReturnType<typeof pc.createColors>;

/** How this program talks: what a person reads, or what a script parses, never both on standard output. */
export class Output {
  readonly mode: OutputMode;
  readonly colors: Colors;
  /** Whether lines may be redrawn in place. */
  readonly isLive: boolean;
  readonly #io: CliIo;

  constructor(io: CliIo, mode: OutputMode, color: boolean) {
    this.#io = io;
    this.mode = mode;
    this.colors = pc.createColors(color);
    const isTerminal = io.stdout.isTTY === true && io.env.TERM !== 'dumb';
    this.isLive = mode === 'text' && isTerminal && !isOn(io.env.CI);
  }

  get width(): number {
    // A pseudo-terminal without a size says 0.
    return this.#io.stdout.columns || DEFAULT_WIDTH;
  }

  /** A line for a person; nothing in the other modes. */
  line(text = ''): void {
    if (this.mode === 'text') this.#io.stdout.write(`${text}\n`);
  }

  /** Raw text for a terminal. */
  raw(text: string): void {
    this.#io.stdout.write(text);
  }

  /** A line beside the results: progress and warnings. In the machine modes only on the error stream. */
  note(text: string): void {
    this.#io.stderr.write(`${text}\n`);
  }

  /** An event; only in ndjson mode. */
  event(event: string, data: Readonly<Record<string, Json>> = {}): void {
    if (this.mode === 'ndjson') this.#io.stdout.write(`${stringify({ event, ...data })}\n`);
  }

  /** The one object of json mode, or the last event of ndjson mode. */
  result(data: Readonly<Record<string, Json>>): void {
    if (this.mode === 'json') this.#io.stdout.write(`${stringify(data, 2)}\n`);
    else this.event('result', data);
  }
}

const DEFAULT_WIDTH = 80;

const isOn = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== 'false' && value !== '0';

/** Whether to colour: a terminal, and nobody objected. `FORCE_COLOR` wins over everything but `--no-color`. */
export function wantsColor(io: CliIo, flag: boolean): boolean {
  if (!flag) return false;
  if (isOn(io.env.FORCE_COLOR)) return true;
  if (io.env.NO_COLOR !== undefined && io.env.NO_COLOR !== '') return false;
  return io.stdout.isTTY === true && io.env.TERM !== 'dumb' && !isOn(io.env.CI);
}

const stringify = (data: Json, indent?: number): string =>
  JSON.stringify(data, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value), indent);
