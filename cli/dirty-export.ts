/** Writing refused rows to a file, as they come. */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { exportLine } from '../core/dirty/corrections.ts';
import type { DeskRow } from '../core/dirty/model.ts';
import { SyncError } from '../core/errors/index.ts';
import { displayName } from './files.ts';

/** Characters that are collected before they are written. */
const CHUNK_CHARS = 1024 * 1024;

/**
 * A new file of open rows, one JSON object per line. Rows are data of the person: nobody else may read the file, and no
 * file is overwritten. `close` it, or `drop` it.
 */
export class DirtyExport {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #names: readonly string[];
  #lines: string[] = [];
  #chars = 0;
  /** Rows written. */
  rows = 0;
  /** Open rows that were left out, because they were not kept as a whole. */
  incomplete = 0;

  private constructor(file: string, handle: FileHandle, names: readonly string[]) {
    this.#file = file;
    this.#handle = handle;
    this.#names = names;
  }

  /** `names` are those of the columns, each once. Throws CLI-0011. */
  static async create(given: string, cwd: string, names: readonly string[]): Promise<DirtyExport> {
    const file = path.resolve(cwd, given);
    try {
      return new DirtyExport(file, await open(file, 'wx', 0o600), names);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const why =
        { EEXIST: 'exists already', ENOENT: 'has no folder' }[code] ?? `cannot be written (${code})`;
      throw new SyncError('CLI-0011', 'config', `${displayName(file, cwd)} ${why}`, {}, { cause: error });
    }
  }

  async add(row: DeskRow): Promise<void> {
    if (row.standing !== 'open') return;
    const line = exportLine(row, this.#names);
    if (!line) {
      this.incomplete++;
      return;
    }
    const text = `${JSON.stringify(line)}\n`;
    this.rows++;
    this.#lines.push(text);
    this.#chars += text.length;
    if (this.#chars >= CHUNK_CHARS) await this.#write();
  }

  async close(): Promise<void> {
    await this.#write();
    await this.#handle.close();
  }

  /** Removes the file: what is not all of the rows must not pass for it. */
  async drop(): Promise<void> {
    await this.#handle.close();
    await unlink(this.#file);
  }

  async #write(): Promise<void> {
    await this.#handle.appendFile(this.#lines.join(''));
    this.#lines = [];
    this.#chars = 0;
  }
}
