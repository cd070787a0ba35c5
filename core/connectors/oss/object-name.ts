/**
 * Names of output objects:
 *
 *     {object}__{run: 16 hex}{shard: 8 hex}{epoch: 8 hex}[_{roll}]{suffix}
 *
 * run = first 8 bytes of SHA-256 over the JSON array [jobId, runId]; shard = its ordinal; epoch = the attempt's
 * fencing token; roll = 1, 2, … for the objects after the first of the same attempt. The 32 hex digits stand
 * where DataX puts a random UUID. Two attempts never share a name, and a name tells which run it belongs to.
 *
 * Beside them, in the folder of `object`, `_millrace/{last segment of object}/{runId}-{run}/` holds the
 * manifest and the record of what truncate removes.
 */
import { createHash } from 'node:crypto';
import { assert } from '../../errors/index.ts';
import { objectKey } from '../../security/object-key.ts';
import type { RunRef } from '../contract.ts';

/** Folder of manifests; nothing in it is ever taken for output. */
export const CONTROL_FOLDER = '_millrace';

const MAX_ORDINAL = 0xffff_ffff;
/** A run id may be long; its folder is told apart by the hash. */
const MAX_RUN_NAME_LENGTH = 100;

/** What an object name says. */
export interface ObjectName {
  /** 16 hex digits of the run. */
  readonly run: string;
  readonly shard: number;
  readonly epoch: number;
  /** 0 for the first object of an attempt. */
  readonly roll: number;
}

/** The 16 hex digits that stand for a run in object names. */
export const runDigits = (run: RunRef): string =>
  createHash('sha256')
    .update(JSON.stringify([run.jobId, run.runId]))
    .digest('hex')
    .slice(0, 16);

/** Reads the name of an output object of any run, or `undefined` for any other key. */
export function decodeObjectName(object: string, suffix: string, key: string): ObjectName | undefined {
  const start = `${object.normalize('NFC')}__`;
  if (!key.startsWith(start) || !key.endsWith(suffix)) return undefined;
  const middle = key.slice(start.length, key.length - suffix.length);
  const match = /^([0-9a-f]{16})([0-9a-f]{8})([0-9a-f]{8})(?:_([1-9]\d*))?$/.exec(middle);
  if (!match) return undefined;
  const [, run = '', shard = '', epoch = '', roll = '0'] = match;
  return { run, shard: Number.parseInt(shard, 16), epoch: Number.parseInt(epoch, 16), roll: Number(roll) };
}

/** Whether a key lies in a control folder. */
export const isControlKey = (key: string): boolean => key.split('/').slice(0, -1).includes(CONTROL_FOLDER);

/** The names of one run's objects. */
export class RunNames {
  readonly #object: string;
  readonly #suffix: string;
  readonly #run: string;
  readonly #controlFolder: string;

  constructor(object: string, suffix: string, run: RunRef) {
    this.#object = object;
    this.#suffix = suffix;
    this.#run = runDigits(run);
    this.#controlFolder = controlFolder(object, run, this.#run);
  }

  /** Every object and upload of the run begins with this. */
  get runPrefix(): string {
    return objectKey(this.#object, `__${this.#run}`);
  }

  /** The key of an output object. */
  output(shardId: string, epoch: number, roll: number): string {
    const digits = hex8(Number(shardId)) + hex8(epoch);
    return objectKey(this.#object, `__${this.#run}${digits}${roll === 0 ? '' : `_${roll}`}${this.#suffix}`);
  }

  /** The key of a file about the run, for example `manifest.json`. */
  control(file: string): string {
    return objectKey(this.#controlFolder, file);
  }

  /** Whether a key is an output object of this job's `object`, of this run or of one that it took over. */
  isOutput(key: string): boolean {
    return decodeObjectName(this.#object, this.#suffix, key) !== undefined;
  }

  /** Whether a key is an output object of this run. */
  isOwn(key: string): boolean {
    return decodeObjectName(this.#object, this.#suffix, key)?.run === this.#run;
  }
}

function controlFolder(object: string, run: RunRef, digits: string): string {
  const slash = object.lastIndexOf('/') + 1;
  const base = object.slice(slash) || '_';
  const runName = run.runId.replace(/[^A-Za-z0-9._-]+/g, '_').slice(0, MAX_RUN_NAME_LENGTH);
  return `${object.slice(0, slash)}${CONTROL_FOLDER}/${base}/${runName}-${digits}/`;
}

function hex8(value: number): string {
  assert(Number.isInteger(value) && value >= 0 && value <= MAX_ORDINAL, 'a shard or epoch is not an ordinal');
  return value.toString(16).padStart(8, '0');
}
