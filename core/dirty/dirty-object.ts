/**
 * An object of refused rows: gzip of one JSON object per row and line (core/run/model.ts, `DirtyRow`), and its name:
 *
 *     {job}/{run}/{shard}/{epoch: 10 digits}-{sequence: 10}-{first ordinal: 10}-{rows: 10}.jsonl.gz
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { SyncError } from '../errors/index.ts';
import { type DirtyRow, runPath } from '../run/model.ts';
import type { RunRef } from '../types/index.ts';

/** Bytes of lines after which the next object is begun. One row is far smaller: see `MAX_DIRTY_ROW_BYTES`. */
export const OBJECT_BYTES = 4 * 1024 * 1024;
/** No object of ours unpacks to more bytes. */
const MAX_UNPACKED_BYTES = 2 * OBJECT_BYTES;
/** Most of the time goes into deflating, and rows of one reason are alike. */
const GZIP_LEVEL = 1;
const DIGITS = 10;

const pack = promisify<Buffer, { level: number }, Buffer>(gzip);
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

/** What the name of an object says. */
export interface DirtyObjectName extends RunRef {
  readonly shardId: string;
  readonly epoch: number;
  /** Ordinal of the object among those of its attempt. */
  readonly sequence: number;
  /** Ordinal of its first row among the refused rows of the shard. */
  readonly first: number;
  readonly rows: number;
}

/** Names of all objects of a run begin so. */
export const runFolder = (run: RunRef): string => `${runPath(run)}/`;

const padded = (n: number): string => String(n).padStart(DIGITS, '0');

/** The name of an object. */
export const encodeName = (name: DirtyObjectName): string =>
  `${runFolder(name)}${name.shardId}/${[name.epoch, name.sequence, name.first, name.rows].map(padded).join('-')}.jsonl.gz`;

/** Reads the name of an object of this run; `undefined` for anything else. */
export function decodeName({ jobId, runId }: RunRef, name: string): DirtyObjectName | undefined {
  const rest = name.slice(runFolder({ jobId, runId }).length);
  const match = /^([^/]+)\/(\d{10})-(\d{10})-(\d{10})-(\d{10})\.jsonl\.gz$/.exec(rest);
  if (!match) return undefined;
  const [epoch = 0, sequence = 0, first = 0, rows = 0] = match.slice(2).map(Number);
  return { jobId, runId, shardId: match[1] ?? '', epoch, sequence, first, rows };
}

/** Rows in packages of about `OBJECT_BYTES`, as the bytes of objects. */
export async function* packRows(
  rows: readonly DirtyRow[],
): AsyncGenerator<{ readonly first: number; readonly rows: number; readonly bytes: Buffer }> {
  let lines: Buffer[] = [];
  let size = 0;
  for (const [i, row] of rows.entries()) {
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    lines.push(line);
    size += line.length;
    if (size < OBJECT_BYTES && i + 1 < rows.length) continue;
    const bytes = await pack(Buffer.concat(lines, size), { level: GZIP_LEVEL });
    yield { first: row.ordinal + 1 - lines.length, rows: lines.length, bytes };
    lines = [];
    size = 0;
  }
}

/** The rows of an object. Throws RUN-5022 if it does not hold what its name says. */
export async function unpackRows(name: DirtyObjectName, bytes: Buffer): Promise<readonly DirtyRow[]> {
  const rows = await parsed(name, bytes);
  const fits =
    rows.length === name.rows &&
    rows.every((row, i) => row.shardId === name.shardId && row.ordinal === name.first + i);
  if (fits) return rows;
  throw damaged(name, 'holds other rows than its name says');
}

async function parsed(name: DirtyObjectName, bytes: Buffer): Promise<DirtyRow[]> {
  try {
    const lines = (await unpack(bytes, { maxOutputLength: MAX_UNPACKED_BYTES })).toString('utf8').split('\n');
    return lines.slice(0, -1).map((line) => JSON.parse(line) as DirtyRow);
  } catch (error) {
    // What JSON says about a line would quote values of the row.
    throw damaged(name, error instanceof SyntaxError ? 'has a line that is no JSON' : 'cannot be unpacked');
  }
}

const damaged = (name: DirtyObjectName, why: string): SyncError =>
  new SyncError('RUN-5022', 'config', `an object of refused rows ${why}`, { object: encodeName(name) });
