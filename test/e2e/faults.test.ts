/**
 * Exports through the deployed functions while the cloud refuses, cuts and loses calls by seed. Every run must end
 * with exactly the rows of the source, if need be after it was resumed.
 */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asSyncError } from '../../core/errors/index.ts';
import { systemClock } from '../../core/ports/system.ts';
import { isTerminal, type RunOptions, type RunRow, resumeRun } from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/run-ref.ts';
import type { Decision } from '../../infra/faults/index.ts';
import { checkExport, dataKeys } from '../support/export-check.ts';
import { exportCloud } from '../support/export-cloud.ts';
import { exportJob } from '../support/export-job.ts';

const ROWS = 20_000;
const SHARDS = 8;
/** Successors that a run may need: each starts from the checkpoints of the one before. */
const MAX_RESUMES = 10;
const LIMIT_MS = 60_000;
const LOOK_MS = 50;

const env = exportCloud(ROWS);

/** Two values of the first key column per shard. */
const SPLIT = Array.from({ length: SHARDS - 1 }, (_, i) => ({
  type: 'STRING',
  value: `b${String(2 * (i + 1)).padStart(2, '0')}`,
}));

/** Asks again where a call of the test itself met a fault. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  const deadlineMs = systemClock.monotonicMs() + LIMIT_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!asSyncError(error).retryable || systemClock.monotonicMs() > deadlineMs) throw error;
    }
    await systemClock.sleep(LOOK_MS);
  }
}

async function ended(run: RunRef): Promise<RunRow> {
  const deadlineMs = systemClock.monotonicMs() + LIMIT_MS;
  for (;;) {
    const row = await patiently(() => env.deployment.run(run.runId));
    if (isTerminal(row.state)) return row;
    if (systemClock.monotonicMs() > deadlineMs) throw new Error(`still ${JSON.stringify(row)}`);
    await systemClock.sleep(LOOK_MS);
  }
}

/** What a run went through. */
interface Ordeal {
  readonly decisions: readonly Decision[];
  readonly resumes: number;
}

/** How little patience a run has. */
interface Patience {
  readonly reader?: object;
  readonly run?: Partial<RunOptions>;
}

/** Runs to success, resuming what has failed, and compares every row. */
async function exportUnder(name: string, specs: readonly string[], patience: Patience = {}): Promise<Ordeal> {
  await env.cloud.ask({ do: 'faults', specs });
  const { reader, ...job } = exportJob(`${name}/part`, { concurrent: 4 }, SPLIT);
  const params = { ...reader.params, ...patience.reader };
  await patiently(() => env.deployment.start(name, { ...job, reader: { ...reader, params } }, patience.run));
  let row = await ended({ jobId: 'export', runId: name });
  let resumes = 0;
  for (; row.state === 'FAILED' && resumes < MAX_RESUMES; resumes++) {
    const failed = row;
    row = await ended(await patiently(() => resumeRun(env.deployment.deps, failed)));
  }
  const { decisions } = await env.cloud.ask<{ decisions: Decision[] }>({ do: 'decisions' });
  await env.cloud.ask({ do: 'faults', specs: [] });
  expect(row).toMatchObject({ state: 'SUCCEEDED', plan: { shardCount: SHARDS } });
  expect(row.receipt?.counters).toMatchObject({ read: ROWS, written: ROWS, dirty: 0 });
  const report = await checkExport(env.oss, await dataKeys(env.oss, `${name}/part`), ROWS);
  expect(report).toMatchObject({ rows: ROWS, duplicates: 0, missing: 0, differences: [] });
  return { decisions, resumes };
}

/** Which operations met which kinds. */
const met = (ordeal: Ordeal): ReadonlySet<string> =>
  new Set(ordeal.decisions.map(({ operation, name }) => `${operation} ${name}`));

describe('an export is exact', () => {
  it.each([
    {
      name: 'tablestore-busy',
      specs: ['seed=11,rate=0.5,burst=50%,kinds=busy,services=ots'],
      expected: ['GetRange busy', 'PutRow busy', 'GetRow busy'],
    },
    {
      name: 'status-answers-lost',
      specs: ['seed=12,rate=0.3,kinds=lost,services=ots,ops=PutRow'],
      expected: ['PutRow lost'],
    },
    {
      name: 'object-answers-lost',
      specs: ['seed=13,rate=0.4,kinds=lost,ops=UploadPart+CompleteMultipartUpload+PutObject,services=oss'],
      expected: ['UploadPart lost', 'CompleteMultipartUpload lost'],
    },
    {
      name: 'resets',
      specs: ['seed=14,rate=0.15,kinds=reset,services=ots+fc', 'seed=17,rate=0.3,kinds=reset,services=oss'],
      expected: ['GetRange reset', 'PutRow reset', 'UploadPart reset'],
    },
    {
      name: 'throttled-functions',
      specs: ['seed=15,rate=0.5,kinds=busy,services=fc', 'seed=16,rate=0.3,kinds=lost,services=fc'],
      expected: ['InvokeFunction busy', 'InvokeFunction lost'],
    },
  ])('under $name', async ({ name, specs, expected }) => {
    const happened = met(await exportUnder(name, specs));
    for (const kind of expected) expect(happened).toContain(kind);
  });

  const fresh = randomInt(2 ** 31);
  it(`under a mixture with the fresh seed ${fresh}`, async () => {
    const spec = `seed=${fresh},rate=0.1,kinds=busy+error+reset+lost+delay,delay=50`;
    console.info(`faults of this run: ${spec}`);
    expect((await exportUnder(`mixture-${fresh}`, [spec])).decisions.length).toBeGreaterThan(0);
  });

  it('also where the patience of a run ends: its successors go on from the checkpoints', async () => {
    const spec = 'seed=18,rate=0.5,kinds=reset,services=ots,ops=GetRange,keys=everything';
    const patience = { reader: { maxRetryTime: 0 }, run: { maxAttempts: 2 } };
    expect((await exportUnder('impatient', [spec], patience)).resumes).toBeGreaterThan(0);
  });
});
