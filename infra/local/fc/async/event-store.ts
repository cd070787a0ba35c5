/**
 * Accepted events on disk, one file each, so that a 202 is a promise:
 *
 *   {14 digits: order of acceptance}-{request id}.event
 *     one line of JSON (fields of the event without its payload), \n, the payload as it came
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { removeFile, writeDurably } from '../model/durable-file.ts';
import type { AsyncEvent } from './event.ts';

const ENDING = '.event';
const LINE_FEED = 0x0a;

function encode(event: AsyncEvent): Buffer {
  const { payload, ...head } = event;
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

function decode(file: string, bytes: Buffer): AsyncEvent {
  const end = bytes.indexOf(LINE_FEED);
  if (end < 0) throw new Error(`${file}: not an event file`);
  const head = JSON.parse(bytes.toString('utf8', 0, end)) as Omit<AsyncEvent, 'payload'>;
  return { ...head, payload: bytes.subarray(end + 1) };
}

/** Keeps events until they are finished; without a folder it keeps nothing. */
export class EventStore {
  private readonly folder: string | undefined;
  private readonly files = new Map<string, string>();
  private order = 0;

  private constructor(folder: string | undefined) {
    this.folder = folder;
  }

  /** Opens the store below `folder`. */
  static async open(folder: string | undefined): Promise<EventStore> {
    const store = new EventStore(folder === undefined ? undefined : path.join(folder, 'queue'));
    if (store.folder !== undefined) await mkdir(store.folder, { recursive: true });
    return store;
  }

  /** The events that were accepted and not finished, in order of acceptance. */
  async load(): Promise<readonly AsyncEvent[]> {
    if (this.folder === undefined) return [];
    const names = (await readdir(this.folder)).filter((name) => name.endsWith(ENDING)).sort();
    const events: AsyncEvent[] = [];
    for (const name of names) {
      const file = path.join(this.folder, name);
      const event = decode(file, await readFile(file));
      this.files.set(event.requestId, file);
      this.order = Math.max(this.order, Number.parseInt(name, 10));
      events.push(event);
    }
    return events;
  }

  /** Durable when it resolves. */
  async add(event: AsyncEvent): Promise<void> {
    if (this.folder === undefined) return;
    this.order += 1;
    const name = `${String(this.order).padStart(14, '0')}-${event.requestId}${ENDING}`;
    const file = path.join(this.folder, name);
    this.files.set(event.requestId, file);
    await writeDurably(file, encode(event));
  }

  /** Forgets a finished event. */
  async remove(requestId: string): Promise<void> {
    const file = this.files.get(requestId);
    this.files.delete(requestId);
    if (file !== undefined) await removeFile(file);
  }
}
