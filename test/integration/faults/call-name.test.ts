/** Calls are named by what they are to the protocol, whoever makes them and whenever. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import {
  change,
  createRun,
  defaultRunOptions,
  newShard,
  type RunRow,
  type ShardRow,
} from '../../../core/run/index.ts';
import { type OpenStateStore, openStateStore } from '../../../core/stores/index.ts';
import { type LocalCloud, startLocalCloud } from '../../../infra/local/cloud.ts';
import { CallNames } from '../../support/call-name.ts';

const RUN = { jobId: 'job', runId: 'run-7' };
const SHARD = { ...RUN, planId: 'plan', shardId: '00001' };

let cloud: LocalCloud;
let open: OpenStateStore;
let names: CallNames;
let seen: string[] = [];

beforeAll(async () => {
  names = new CallNames(RUN.runId);
  cloud = await startLocalCloud({
    faults: (point) => {
      seen.push(names.nameOf(point));
      names.performed(point);
      return undefined;
    },
  });
  const { accessKeyId, accessKeySecret } = cloud;
  const where = { endpoint: cloud.ots.endpoint, instanceName: 'local', accessKeyId, accessKeySecret };
  open = openStateStore({ ...where, tablePrefix: 'millrace_' }, { clock: systemClock, random: systemRandom });
  await open.createTables();
});
afterAll(async () => {
  open.close();
  await cloud.close();
});
beforeEach(() => {
  seen = [];
});

/** Makes each of the changes to a row, one after the other. */
async function changeShard(...changes: readonly Partial<ShardRow>[]): Promise<void> {
  for (const next of changes)
    await change(open.store.shards, SHARD, (row) => ({ result: undefined, next: { ...row, ...next } }));
}

async function changeRun(...changes: readonly Partial<RunRow>[]): Promise<void> {
  for (const next of changes)
    await change(open.store.runs, RUN, (row) => ({ result: undefined, next: { ...row, ...next } }));
}

/** Without the reads. */
const writes = (): string[] => seen.filter((name) => name.startsWith('PutRow'));

describe('the name of a call', () => {
  it('tells what becomes of a shard', async () => {
    await open.store.shards.insert(SHARD, newShard({ shardId: '00001', range: 'r' }));
    await changeShard(
      { state: 'LEASED', epoch: 1, owner: 'a', leaseUntilMs: 5, claimedMs: 1 },
      { leaseUntilMs: 6 },
      { epoch: 3, owner: 'b', leaseUntilMs: 6 },
      { epoch: 2 },
      { cursor: 'c' as NonNullable<ShardRow['cursor']>, leaseUntilMs: 7 },
      { range: 'smaller', children: ['00001-255e1'] },
      { state: 'PENDING', owner: '', leaseUntilMs: 0 },
      { state: 'DONE', doneMs: 9 },
      { epoch: 0 },
    );
    expect(writes().map((name) => name.replace('PutRow shards 00001 ', ''))).toEqual([
      'insert',
      'claim',
      'renew',
      'claim',
      'too late',
      'checkpoint',
      'narrow',
      'put back',
      'done',
      'insert',
    ]);
  });

  it('tells what becomes of a run, and writes R for its id', async () => {
    const deps = {
      state: open.store,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      invoker: { invoke: async () => {} },
    };
    const job = { reader: {}, writer: {} } as unknown as RunRow['job'];
    await createRun(deps as unknown as Parameters<typeof createRun>[0], {
      ...RUN,
      job,
      options: defaultRunOptions,
      scheduledMs: 0,
    });
    await changeRun(
      { drivenUntilMs: 5 },
      { drivenUntilMs: 0 },
      { state: 'RUNNING' },
      { hungry: true },
      { hungry: false },
      { driveAttempts: 9 },
    );
    expect(writes()).toEqual([
      'PutRow active job/R insert',
      'PutRow runs R insert',
      'PutRow runs R drive PLANNING',
      'PutRow runs R drive over',
      'PutRow runs R PLANNING to RUNNING',
      'PutRow runs R hungry',
      'PutRow runs R fed',
      'PutRow runs R with driveAttempts',
    ]);
    expect(seen).toContain('GetRow runs R');
  });

  it('tells rows of other runs apart, and lists from rows', async () => {
    await open.store.channels.get({ ...RUN, channel: 12 });
    await open.store.channels.get({ ...RUN, runId: 'run-7.r1', channel: 12 });
    await open.store.listShards(RUN, 'plan');
    expect(seen).toEqual(['GetRow channels 12', 'GetRow channels 12 of R.r1', 'GetRange shards']);
  });
});
