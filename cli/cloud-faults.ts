/** Faults on purpose in the local cloud: `--faults` read, applied once the cloud is set up, and recorded. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { SyncError } from '../core/errors/index.ts';
import { nameHint } from '../core/job/near-name.ts';
import {
  type Decision,
  type FaultProfile,
  FaultSpecError,
  firstFault,
  parseFaultSpec,
  seededFaults,
} from '../infra/faults/index.ts';
import type { FaultRule } from '../infra/local/service.ts';
import type { CloudPlace, CloudUpOptions } from './cloud-place.ts';
import type { CommandContext } from './context.ts';
import { usageFault } from './job-file.ts';

/** What was asked for. */
export interface FaultPlan {
  readonly specs: readonly string[];
  readonly profiles: readonly FaultProfile[];
  /** File of the record. */
  readonly log: string;
}

/** Beside `cloud.json`; not among the data, which are refused when they hold anything else. */
const LOG_NAME = 'faults.jsonl';

/** The faults of the command line; `undefined` when there are none. Throws CLI-0001. */
export function readFaults(
  { io }: CommandContext,
  place: CloudPlace,
  options: CloudUpOptions,
): FaultPlan | undefined {
  const { faults: specs = [], faultsLog } = options;
  if (specs.length === 0) {
    if (faultsLog !== undefined) throw usageFault('--faults-log records nothing without --faults');
    return undefined;
  }
  const log =
    faultsLog === undefined ? path.join(path.dirname(place.file), LOG_NAME) : path.resolve(io.cwd, faultsLog);
  return { specs, profiles: specs.map(readSpec), log };
}

function readSpec(spec: string): FaultProfile {
  try {
    return parseFaultSpec(spec);
  } catch (error) {
    if (!(error instanceof FaultSpecError)) throw error;
    const hint = error.allowed.length === 0 ? '' : `; ${nameHint(error.word, error.allowed)}`;
    throw usageFault(`--faults ${spec}: ${error.message}${hint}`);
  }
}

/**
 * The rules of a cloud. They rest until `begin`, so that setting the cloud up never fails. Each decision is a line of
 * JSON in the record, written in the background in the order of the calls.
 */
export class CloudFaults {
  readonly rule: FaultRule;
  readonly #plan: FaultPlan;
  readonly #note: (text: string) => void;
  #file: FileHandle | undefined;
  #begun = false;
  #pending: string[] = [];
  #writing: Promise<void> | undefined;

  /** `note` is told when the record breaks off. */
  constructor(plan: FaultPlan, note: (text: string) => void) {
    this.#plan = plan;
    this.#note = note;
    const seeded = firstFault(plan.profiles.map((one) => seededFaults(one, (made) => this.#keep(made))));
    this.rule = (point) => (this.#begun ? seeded(point) : undefined);
  }

  /** Opens an empty record and lets the faults begin; returns what the cloud file says of them. */
  async begin(): Promise<{ readonly faults: { readonly specs: string[]; readonly log: string } }> {
    const { log, specs } = this.#plan;
    try {
      await mkdir(path.dirname(log), { recursive: true });
      this.#file = await open(log, 'w', 0o600);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new SyncError(
        'CLI-0007',
        'config',
        `--faults-log cannot be written: ${why}`,
        {},
        { cause: error },
      );
    }
    this.#begun = true;
    return { faults: { specs: [...specs], log } };
  }

  /** Writes what is left of the record. */
  async close(): Promise<void> {
    this.#begun = false;
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #keep({ service, operation, key, ordinal, seed, name }: Decision): void {
    this.#pending.push(`${JSON.stringify({ service, operation, key, ordinal, fault: name, seed })}\n`);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** A record that cannot be written must not stop the cloud: it is told once, and given up. */
  async #write(): Promise<void> {
    try {
      while (this.#pending.length > 0) await this.#file?.appendFile(this.#pending.splice(0).join(''));
    } catch (error) {
      this.#pending = [];
      const file = this.#file;
      this.#file = undefined;
      this.#note(`${this.#plan.log} cannot be written any more: ${String(error)}`);
      await file?.close();
    }
  }
}
