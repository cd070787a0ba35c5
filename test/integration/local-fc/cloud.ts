/** A disposable Function Compute with one service, and small functions written as source text. */
import Client from '@alicloud/fc2';
import { strToU8, zipSync } from 'fflate';
import {
  type FcLogLine,
  type FcService,
  type FcServiceOptions,
  startFc,
} from '../../../infra/local/fc/index.ts';
import type { LocalClock } from '../../../infra/local/service.ts';

export const ACCOUNT = '1234567890123456';
export const KEYS = new Map([['key-id', 'key-secret']]);

/** A clock that stands still until it is moved. */
export class ManualClock implements LocalClock {
  private ms: number;

  constructor(start: string) {
    this.ms = Date.parse(start);
  }

  now(): number {
    return this.ms;
  }

  set(time: string): void {
    this.ms = Date.parse(time);
  }
}

export interface TestCloud extends AsyncDisposable {
  readonly fc: FcService;
  readonly client: Client;
  readonly logs: FcLogLine[];
}

/** A client with the right keys. */
export const clientOf = (fc: FcService, headers: Record<string, string> = {}): Client =>
  new Client(ACCOUNT, {
    accessKeyID: 'key-id',
    accessKeySecret: 'key-secret',
    region: 'cn-hangzhou',
    endpoint: fc.endpoint,
    headers,
  });

/** Starts a service on a free port; it ends with the `await using` block. */
export async function testCloud(options: Partial<FcServiceOptions> = {}): Promise<TestCloud> {
  const logs: FcLogLine[] = [];
  const fc = await startFc({
    keys: KEYS,
    accountId: ACCOUNT,
    asyncRetryBaseMs: 20,
    onLog: (line) => logs.push(line),
    ...options,
  });
  return { fc, client: clientOf(fc), logs, [Symbol.asyncDispose]: () => fc.close() };
}

/** A code package of text files, base64; the same for the same files. */
export const packageOf = (files: Record<string, string>): string =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])), {
      mtime: new Date(2000, 0, 1),
    }),
  ).toString('base64');

/** Creates service `svc` when it is missing, and in it a function from the text of its `index.js`. */
export async function createFunction(
  client: Client,
  functionName: string,
  source: string,
  options: Record<string, unknown> = {},
): Promise<void> {
  const services = await client.listServices({ prefix: 'svc' });
  if (services.data.services.length === 0) await client.createService('svc');
  await client.createFunction('svc', {
    functionName,
    runtime: 'nodejs20',
    handler: 'index.handler',
    memorySize: 256,
    timeout: 20,
    code: { zipFile: packageOf({ 'index.js': source }) },
    ...options,
  });
}

/** Waits until a condition holds; the test's own time limit ends a condition that never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
