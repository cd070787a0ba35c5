import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal, readJournal } from './journal.ts';
import type { Change } from './records.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'oss-journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const gone = (name: string): Change => ({ is: 'bucket-gone', name });

async function write(...names: string[]): Promise<string> {
  const journal = await openJournal(folder, []);
  await Promise.all(names.map((name) => journal.append(gone(name))));
  await journal.close();
  return path.join(folder, 'journal');
}

describe('the journal', () => {
  it('gives back changes in order', async () => {
    await write('a', 'b', 'c');
    expect(await readJournal(folder)).toEqual(['a', 'b', 'c'].map(gone));
  });

  it('is empty where there is none', async () => {
    expect(await readJournal(folder)).toEqual([]);
  });

  it('starts again from the state it is given', async () => {
    await write('a', 'b');
    const journal = await openJournal(folder, [gone('z')]);
    await journal.append(gone('y'));
    await journal.close();
    expect(await readJournal(folder)).toEqual([gone('z'), gone('y')]);
  });

  it('drops a torn last line, at every length', async () => {
    const file = await write('a', 'b');
    const whole = await readFile(file);
    const first = whole.indexOf(10) + 1;
    for (let length = first; length < whole.length; length += 1) {
      await writeFile(file, whole.subarray(0, length));
      expect(await readJournal(folder)).toEqual([gone('a')]);
    }
  });

  it('drops a damaged last line', async () => {
    await appendFile(await write('a'), '0000000000000000 {"is":"bucket-gone"}\n');
    expect(await readJournal(folder)).toEqual([gone('a')]);
  });

  it('refuses damage before the last line', async () => {
    const file = await write('a', 'b');
    const whole = await readFile(file);
    whole[20]! ^= 1;
    await writeFile(file, whole);
    await expect(readJournal(folder)).rejects.toThrow('damaged at byte 0');
  });

  it('acknowledges nothing after a failed write', async () => {
    const journal = await openJournal(folder, []);
    await journal.close();
    await expect(journal.append(gone('a'))).rejects.toThrow();
    await expect(journal.append(gone('b'))).rejects.toThrow();
    expect(await readJournal(folder)).toEqual([]);
  });
});
