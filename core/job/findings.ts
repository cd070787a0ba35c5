import { type Code, ConfigError, type ConfigFault, type Place } from '../errors/index.ts';
import type { Spot } from './json/node.ts';

/** Most faults that are told about one file; a file with more is damaged as a whole. */
export const MAX_FAULTS = 1000;

/** Collects what is wrong with a file, so that everything can be told at once. */
export class Findings {
  readonly #file: string | undefined;
  readonly #lineStarts: readonly number[];
  readonly #faults: Array<{ readonly offset: number; readonly fault: ConfigFault }> = [];
  readonly #warnings: ConfigFault[] = [];

  constructor(text: string, file?: string) {
    this.#file = file;
    this.#lineStarts = lineStarts(text);
  }

  /** Adds a fault; one at a value whose variables are unresolved is dropped, as its cause is told already. */
  fault(code: Code, at: Spot, message: string, hint?: string): void {
    if (at.unresolved || this.#faults.length > MAX_FAULTS) return;
    if (this.#faults.length === MAX_FAULTS) {
      const fault = {
        code: 'JOB-1008',
        path: '',
        message: `more than ${MAX_FAULTS} faults; the rest is not told`,
      } as const;
      this.#faults.push({ offset: Number.MAX_SAFE_INTEGER, fault });
      return;
    }
    const offset = at.offset ?? Number.MAX_SAFE_INTEGER;
    this.#faults.push({ offset, fault: { code, ...this.place(at), message, ...(hint && { hint }) } });
  }

  /** Adds a warning. */
  warn(code: Code, at: Spot, message: string, hint?: string): void {
    this.#warnings.push({ code, ...this.place(at), message, ...(hint && { hint }) });
  }

  /** 1-based line and column (in UTF-16 units, as editors count) of a spot. */
  place(at: Spot): Place {
    const file = this.#file === undefined ? {} : { file: this.#file };
    if (at.offset === undefined) return { ...file, path: at.path };
    const line = this.#lineOf(at.offset);
    return { ...file, line: line + 1, column: at.offset - (this.#lineStarts[line] ?? 0) + 1, path: at.path };
  }

  get warnings(): readonly ConfigFault[] {
    return this.#warnings;
  }

  /** Throws a ConfigError with every fault, in file order, if there is one. */
  throwIfAny(): void {
    const sorted = this.#faults.toSorted((a, b) => a.offset - b.offset).map((entry) => entry.fault);
    const [first, ...rest] = sorted;
    if (first) throw new ConfigError([first, ...rest]);
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}
