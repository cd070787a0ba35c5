import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AsyncEvent } from './event.ts';
import { EventStore } from './event-store.ts';
import { TaskFile } from './task-file.ts';
import { TaskLedger } from './tasks.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'event-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

const eventOf = (requestId: string, payload: Buffer): AsyncEvent => ({
  requestId,
  serviceName: 'svc',
  functionName: 'f',
  payload,
  acceptedAtMs: 1,
  dueAtMs: 2,
  invocationId: `t-${requestId}`,
});

test('events come back whole and in order of acceptance, over restarts', async () => {
  const first = await EventStore.open(folder);
  const events = ['c', 'a', 'b'].map((id) => eventOf(id, Buffer.from([0, 10, 255, 10])));
  for (const event of events) await first.add(event);
  const second = await EventStore.open(folder);
  expect(await second.load()).toEqual(events);
  await second.remove('a');
  const last = eventOf('0', Buffer.alloc(0));
  await second.add(last);
  const third = await EventStore.open(folder);
  expect(await third.load()).toEqual([events[0], events[2], last]);
  for (const id of ['c', 'b', '0', 'unknown']) await third.remove(id);
  expect(await readdir(path.join(folder, 'queue'))).toEqual([]);
});

test('without a folder nothing is kept', async () => {
  const store = await EventStore.open(undefined);
  await store.add(eventOf('a', Buffer.alloc(0)));
  expect(await store.load()).toEqual([]);
});

test('finished tasks come back; a torn last line is dropped', async () => {
  const ledger = new TaskLedger();
  const event = eventOf('a', Buffer.from('x'));
  ledger.begin(event, 1);
  ledger.mark(event, 'Succeeded', 2);
  const entry = { serviceName: 'svc', functionName: 'f', task: ledger.find(event)! };
  const { file } = await TaskFile.open(folder);
  await file.append(entry);
  await file.close();
  await appendFile(path.join(folder, 'tasks.jsonl'), '{"serviceName":"sv');
  const again = await TaskFile.open(folder);
  expect(again.finished).toEqual([entry]);
  await again.file.append(entry);
  await again.file.close();
  const last = await TaskFile.open(folder);
  await last.file.close();
  expect(last.finished).toHaveLength(2);
});
