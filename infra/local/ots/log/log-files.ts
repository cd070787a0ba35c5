import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FILE_MAGIC, FRAME_HEADER_BYTES, forEachRecord, hasFrameAfter, readFrame } from './frame.ts';

/** Log generations in a data folder: `ots-<n>.log`. A new one begins with a snapshot and replaces the old. */
const FILE_PATTERN = /^ots-(\d+)\.log$/;

const fileName = (folder: string, generation: number): string => join(folder, `ots-${generation}.log`);

/** What was found on opening. */
export interface OpenedLog {
  readonly fd: number;
  readonly generation: number;
  readonly size: number;
  /** Bytes of an unfinished last frame that were cut off. */
  readonly tornBytes: number;
}

/**
 * Opens the newest generation, hands each record to `visit` and cuts a torn last frame off. Throws when the
 * file is damaged before its end, because acknowledged writes would be lost silently.
 */
export function openLog(folder: string, visit: (record: Buffer) => void): OpenedLog {
  mkdirSync(folder, { recursive: true });
  const generation = newestGeneration(folder);
  if (generation === undefined) {
    writeGeneration(folder, 1, []);
    return { ...reopen(folder, 1, FILE_MAGIC.length), tornBytes: 0 };
  }
  const path = fileName(folder, generation);
  const file = readFileSync(path);
  if (!file.subarray(0, FILE_MAGIC.length).equals(FILE_MAGIC)) throw new Error(`${path} is not a table log`);
  const end = replay(file, path, visit);
  if (end < file.length) truncateSync(path, end);
  removeOthers(folder, generation);
  return { ...reopen(folder, generation, end), tornBytes: file.length - end };
}

const reopen = (folder: string, generation: number, size: number): Omit<OpenedLog, 'tornBytes'> => ({
  fd: openSync(fileName(folder, generation), 'r+'),
  generation,
  size,
});

function replay(file: Buffer, path: string, visit: (record: Buffer) => void): number {
  let at = FILE_MAGIC.length;
  while (at < file.length) {
    const payload = readFrame(file, at);
    if (!payload) {
      if (hasFrameAfter(file, at)) throw new Error(`${path} is damaged at byte ${at}, before its end`);
      return at;
    }
    forEachRecord(payload, visit);
    at += FRAME_HEADER_BYTES + payload.length;
  }
  return at;
}

/** Writes a whole generation beside the current one; it counts only once it is complete and renamed. */
export function writeGeneration(folder: string, generation: number, frames: Iterable<Buffer>): number {
  const temporary = join(folder, `ots-${generation}.tmp`);
  const fd = openSync(temporary, 'w');
  let size = FILE_MAGIC.length;
  try {
    writeSync(fd, FILE_MAGIC);
    for (const frame of frames) {
      for (let at = 0; at < frame.length; ) at += writeSync(fd, frame, at, frame.length - at);
      size += frame.length;
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, fileName(folder, generation));
  syncFolder(folder);
  removeOthers(folder, generation);
  return size;
}

/** Opens a generation that {@link writeGeneration} wrote for appending. */
export const openGeneration = (folder: string, generation: number): number =>
  openSync(fileName(folder, generation), 'r+');

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function newestGeneration(folder: string): number | undefined {
  const generations = readdirSync(folder).flatMap((name) => {
    const match = FILE_PATTERN.exec(name);
    return match ? [Number(match[1])] : [];
  });
  return generations.length > 0 ? Math.max(...generations) : undefined;
}

function removeOthers(folder: string, generation: number): void {
  for (const name of readdirSync(folder)) {
    if (/^ots-\d+\.(log|tmp)$/.test(name) && name !== `ots-${generation}.log`) rmSync(join(folder, name));
  }
}
