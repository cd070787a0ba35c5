/**
 * Finished tracked invocations on disk, so that a task id stays used after a restart:
 *
 *   tasks.jsonl    one JSON object per line: { serviceName, functionName, task }
 *
 * Lines are appended in order of completion; opening the file keeps the newest ones.
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeDurably } from '../model/durable-file.ts';
import type { TaskRecord } from './tasks.ts';

/** One line of the file. */
export interface FinishedTask {
  readonly serviceName: string;
  readonly functionName: string;
  readonly task: TaskRecord;
}

/** Lines kept when the file is opened; older ones are dropped. */
const MAX_LINES = 10_000;

/** A line that a power cut left unfinished is dropped: its event is still stored and will run again. */
function parseLines(text: string): string[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.slice(-MAX_LINES);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Appends finished tasks; without a folder it keeps nothing. */
export class TaskFile {
  private readonly handle: FileHandle | undefined;

  private constructor(handle: FileHandle | undefined) {
    this.handle = handle;
  }

  /** Opens the file in `folder` and returns what it holds. */
  static async open(folder: string | undefined): Promise<{ file: TaskFile; finished: FinishedTask[] }> {
    if (folder === undefined) return { file: new TaskFile(undefined), finished: [] };
    const name = path.join(folder, 'tasks.jsonl');
    const lines = parseLines(await readText(name));
    await writeDurably(name, lines.map((line) => `${line}\n`).join(''));
    const handle = await open(name, 'a');
    return { file: new TaskFile(handle), finished: lines.map((line) => JSON.parse(line) as FinishedTask) };
  }

  /** Durable when it resolves. */
  async append(entry: FinishedTask): Promise<void> {
    if (!this.handle) return;
    await this.handle.appendFile(`${JSON.stringify(entry)}\n`);
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle?.close();
  }
}
