/**
 * Names of output objects:
 *
 *     {object}__{run: 16 hex}{shard: 4 hex}{places: 3 × 2 hex}{epoch: 6 hex}[_{roll}]{suffix}
 *
 * run = first 8 bytes of SHA-256 over the JSON array [jobId, runId]; shard = ordinal in the plan; places = which piece
 * of which piece of it, 00 for none; epoch = the attempt's fencing token; roll = 1, 2, … for the objects after the
 * first of the same attempt. The 32 hex digits stand where DataX puts a random UUID. Two attempts never share a name,
 * a name tells which run it belongs to, and names sort as their shards do.
 *
 * Beside them, in the folder of `object`, `_millrace/{last segment of object}/{runId}-{run}/` holds the
 * manifest and the record of what truncate removes.
 */
import { createHash } from 'node:crypto';
import { assert } from '../../errors/index.ts';
import { objectKey } from '../../security/object-key.ts';
import { MAX_DEPTH, placeOfShard, type ShardPlace } from '../../types/index.ts';
import type { RunRef } from '../contract.ts';

/** Folder of manifests; nothing in it is ever taken for output. */
export const CONTROL_FOLDER = '_millrace';

const MAX_EPOCH = 0xff_ffff;
/** A run id may be long; its folder is told apart by the hash. */
const MAX_RUN_NAME_LENGTH = 100;

/** What an object name says. */
export interface ObjectName {
  /** 16 hex digits of the run. */
  readonly run: string;
  readonly shard: ShardPlace;
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
  const match = /^([0-9a-f]{16})([0-9a-f]{4})([0-9a-f]{6})([0-9a-f]{6})(?:_([1-9]\d*))?$/.exec(middle);
  if (!match) return undefined;
  const [, run = '', ordinal = '', path = '', epoch = '', roll = '0'] = match;
  const places = [...Buffer.from(path, 'hex')].filter((place) => place > 0);
  const shard = { ordinal: Number.parseInt(ordinal, 16), places };
  return { run, shard, epoch: Number.parseInt(epoch, 16), roll: Number(roll) };
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
    const digits = shardDigits(shardId) + epochDigits(epoch);
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

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function shardDigits(shardId: string): string {
  const place = placeOfShard(shardId);
  assert(place, 'an object cannot be named after this shard', { shard: shardId });
  const { ordinal, places } = place;
  return (
    hex(ordinal, 4) + Array.from({ length: MAX_DEPTH }, (_, level) => hex(places[level] ?? 0, 2)).join('')
  );
}

function epochDigits(epoch: number): string {
  const fits = Number.isInteger(epoch) && epoch >= 0 && epoch <= MAX_EPOCH;
  assert(fits, 'an object cannot be named after this epoch', { epoch });
  return hex(epoch, 6);
}
