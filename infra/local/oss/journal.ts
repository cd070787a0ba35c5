/**
 * The record of changes on disk, one line each:
 *   <CRC-64 of the JSON bytes, 16 hex digits> SP <JSON of the change> LF
 * A torn last line is what a crash leaves and is cut off; damage anywhere else refuses the start. At start the journal
 * is rewritten as the shortest list of changes that gives the same state.
 */

import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { crc64 } from './crc64.ts';
import { syncDirectory } from './directory-sync.ts';
import type { Change } from './records.ts';

/** Keeps changes. `append` resolves when the change is durable; changes become durable in the order given. */
export interface ChangeLog {
  append(change: Change): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing. */
export const memoryLog: ChangeLog = { append: async () => {}, close: async () => {} };

const FILE_NAME = 'journal';

function encodeLine(change: Change): string {
  const json = JSON.stringify(change);
  return `${crc64(Buffer.from(json)).toString(16).padStart(16, '0')} ${json}\n`;
}

function decodeLine(line: Buffer): Change | undefined {
  const json = line.subarray(17);
  const sum = crc64(json).toString(16).padStart(16, '0');
  if (line.length < 18 || line.subarray(0, 17).toString('latin1') !== `${sum} `) return undefined;
  return JSON.parse(json.toString('utf8')) as Change;
}

function decodeAll(bytes: Buffer): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const change = decodeLine(bytes.subarray(at, end));
    if (!change) {
      if (bytes.indexOf(10, end + 1) < 0) break;
      throw new Error(`the journal is damaged at byte ${at}`);
    }
    changes.push(change);
    at = end + 1;
  }
  return changes;
}

/** Changes that an earlier process recorded. */
export async function readJournal(dataDir: string): Promise<Change[]> {
  try {
    return decodeAll(await readFile(path.join(dataDir, FILE_NAME)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Replaces the journal by the given changes and opens it for more. */
export async function openJournal(dataDir: string, state: Iterable<Change>): Promise<Journal> {
  const target = path.join(dataDir, FILE_NAME);
  const file = await open(`${target}.new`, 'w');
  for (const change of state) await file.writeFile(encodeLine(change));
  await file.sync();
  await rename(`${target}.new`, target);
  await syncDirectory(dataDir);
  return new Journal(file);
}

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The open journal. Changes that arrive during a flush share the next one. */
export class Journal implements ChangeLog {
  private readonly file: FileHandle;
  private queue: Waiting[] = [];
  private running: Promise<void> | undefined;
  /** After a failed write the state on disk is unknown: nothing more is acknowledged. */
  private broken: Error | undefined;

  constructor(file: FileHandle) {
    this.file = file;
  }

  append(change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      this.queue.push({ line: encodeLine(change), resolve, reject });
      this.running ??= this.drain();
    });
  }

  async close(): Promise<void> {
    await this.running;
    await this.file.close();
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue;
      this.queue = [];
      await this.flush(batch);
    }
    this.running = undefined;
  }

  private async flush(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.broken) throw this.broken;
      await this.file.writeFile(batch.map(({ line }) => line).join(''));
      await this.file.datasync();
      for (const waiting of batch) waiting.resolve();
    } catch (error) {
      this.broken ??= error as Error;
      for (const waiting of batch) waiting.reject(this.broken);
    }
  }
}
