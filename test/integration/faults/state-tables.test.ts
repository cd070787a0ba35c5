/** The status tables while the service is busy, fails and cuts. */
import { expect, test } from 'vitest';
import { systemClock, systemRandom } from '../../../core/ports/system.ts';
import { openStateStore } from '../../../core/stores/index.ts';
import { parseFaultSpec, seededFaults } from '../../../infra/faults/index.ts';
import { startLocalCloud } from '../../../infra/local/cloud.ts';

test.each(['busy', 'error', 'reset', 'lost'])('the status tables are created under %s', async (kind) => {
  const met: string[] = [];
  const profile = parseFaultSpec(`seed=1,rate=0.4,kinds=${kind},ops=CreateTable`);
  const cloud = await startLocalCloud({ faults: seededFaults(profile, ({ key }) => met.push(key)) });
  const { accessKeyId, accessKeySecret } = cloud;
  const location = { endpoint: cloud.ots.endpoint, instanceName: 'inst', accessKeyId, accessKeySecret };
  const state = openStateStore(
    { ...location, tablePrefix: 'm_' },
    { clock: systemClock, random: systemRandom },
  );
  await state.createTables();
  expect(met.length).toBeGreaterThan(0);
  expect(await state.store.listActive()).toEqual([]);
  state.close();
  await cloud.close();
});

test('a row is written although the service refuses it as busy for several seconds', async () => {
  let refusals = 7;
  const busy = { kind: 'refuse', status: 503, code: 'OTSServerBusy', message: 'Server is busy.' } as const;
  const cloud = await startLocalCloud({
    faults: ({ operation }) => (operation === 'PutRow' && refusals-- > 0 ? busy : undefined),
  });
  const { accessKeyId, accessKeySecret } = cloud;
  const location = { endpoint: cloud.ots.endpoint, instanceName: 'inst', accessKeyId, accessKeySecret };
  const state = openStateStore(
    { ...location, tablePrefix: 'm_' },
    { clock: systemClock, random: systemRandom },
  );
  await state.createTables();
  const entry = { jobId: 'job', runId: 'run', sinceMs: 1 };
  expect(await state.store.active.insert({ jobId: 'job', runId: 'run' }, entry)).toBe('created');
  expect(refusals).toBeLessThan(0);
  state.close();
  await cloud.close();
});
