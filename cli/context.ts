import type { Clock, Logger, Random } from '../core/ports/index.ts';
import type { CliIo } from './io.ts';
import type { Output } from './output.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  /** Project file; absent = found upwards. */
  readonly project?: string;
  /** Everything goes to the local cloud. */
  readonly local: boolean;
  readonly verbose: boolean;
}

/** What a command works with. */
export interface CommandContext {
  readonly io: CliIo;
  readonly out: Output;
  readonly options: GlobalOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Every secret that was fetched: masked in all that is printed. */
  readonly secrets: Set<string>;
}

/** How a command ended. */
export interface Outcome {
  readonly exitCode: number;
  /** The object of `--json`. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Ended well. */
export const succeeded = (data: Outcome['data']): Outcome => ({ exitCode: 0, data });
