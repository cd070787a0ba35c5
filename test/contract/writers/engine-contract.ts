/** The engine with a real database: whole runs whose attempts die everywhere, and a run that goes on after a failed one. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Writer } from '../../../core/connectors/contract.ts';
import { resumeRun } from '../../../core/run/index.ts';
import { EngineHarness, memoryJob } from '../../support/engine-harness.ts';
import { CrashingSystems } from './crashing-systems.ts';

/** A database with an empty table `t (id bigint)` without a key. */
export interface EngineTarget extends AsyncDisposable {
  writer(parameters?: Readonly<Record<string, unknown>>): Writer;
  execute(...statements: string[]): Promise<void>;
  texts(sql: string): Promise<(string | null)[][]>;
}

const ROWS = 150;
const SHARDS = 3;
const SEEDS = [1, 2, 3, 4, 5, Math.floor(Math.random() * 2 ** 31)];

/** The suite of a database. */
export function describeEngineContract(name: string, start: () => Promise<EngineTarget>): void {
  describe(`runs into ${name}`, () => {
    let target: EngineTarget;
    beforeAll(async () => {
      target = await start();
    });
    afterAll(() => target?.[Symbol.asyncDispose]());
    beforeEach(() => target.execute('DROP TABLE IF EXISTS t, millrace_ledger', 'CREATE TABLE t (id bigint)'));

    const parameters = {
      preSql: ['INSERT INTO @table VALUES (-1)'],
      postSql: ['INSERT INTO @table VALUES (-2)'],
    };
    const everyRow = [-2, -1, ...Array.from({ length: ROWS }, (_, id) => id)].map((id) => [String(id)]);
    const rows = () => target.texts('SELECT id FROM t ORDER BY id');

    it.each(SEEDS)('arrive exactly although attempts die, seed %i', async (seed) => {
      const systems = new CrashingSystems(ROWS, SHARDS, seed, () => target.writer(parameters));
      const harness = new EngineHarness(systems);
      await harness.start(undefined, { maxAttempts: 100 });
      const run = await harness.settle();
      expect(systems.died).toBeGreaterThan(3);
      expect(run).toMatchObject({
        state: 'SUCCEEDED',
        receipt: { counters: { read: ROWS, written: ROWS, dirty: 0 } },
      });
      expect(await rows()).toEqual(everyRow);
    });

    it('arrive exactly although every message comes twice and slices are short', async () => {
      const systems = new CrashingSystems(ROWS, SHARDS, 7, () => target.writer(parameters));
      const harness = new EngineHarness(systems);
      harness.delivery = () => 2;
      await harness.start(undefined, { maxAttempts: 100 });
      expect(await harness.settle(500, 4)).toMatchObject({ state: 'SUCCEEDED' });
      expect(await rows()).toEqual(everyRow);
    });

    it.each([
      [0, 'FAILED'],
      [1, 'SUCCEEDED'],
    ] as const)(
      'with one doubled key and an error limit of %i end as %s, with the other rows there',
      async (limit, state) => {
        await target.execute(
          'DROP TABLE t',
          'CREATE TABLE t (id bigint PRIMARY KEY)',
          'INSERT INTO t VALUES (1)',
        );
        const systems = new CrashingSystems(3, 1, 1, () => target.writer(parameters));
        systems.deaths = 0;
        const harness = new EngineHarness(systems);
        await harness.start(memoryJob({ errorLimit: { kind: 'records', limit } }));
        const run = await harness.settle();
        expect(run.state).toBe(state);
        if (state === 'SUCCEEDED')
          expect(run.receipt?.counters).toMatchObject({ read: 3, written: 2, dirty: 1 });
        const post = state === 'SUCCEEDED' ? ['-2'] : [];
        expect((await rows()).flat()).toEqual([...post, '-1', '0', '1', '2']);
      },
    );

    it('go on after a failed one without gaps or doubled rows', async () => {
      const systems = new CrashingSystems(ROWS, SHARDS, 11, () => target.writer(parameters));
      const harness = new EngineHarness(systems);
      systems.deaths = 0.6;
      await harness.start(undefined, { maxAttempts: 2 });
      expect(await harness.settle()).toMatchObject({ state: 'FAILED' });
      const written = (await rows()).length - 1;
      expect(written).toBeLessThan(ROWS);
      systems.deaths = 0.1;
      const heir = await resumeRun(harness.deps, harness.ref);
      Object.assign(harness.ref, heir);
      const run = await harness.settle();
      expect(run).toMatchObject({ state: 'SUCCEEDED', receipt: { counters: { read: ROWS, written: ROWS } } });
      expect(await rows()).toEqual(everyRow);
    });
  });
}
