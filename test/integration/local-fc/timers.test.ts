import { expect, test } from 'vitest';
import { createFunction, ManualClock, type TestCloud, testCloud, until } from './cloud.ts';

const PRINT = 'exports.handler = async (e) => { console.log(String(e)); };';

const fired = (cloud: TestCloud): string[] =>
  cloud.logs.map((line) => (JSON.parse(line.text) as { triggerTime: string }).triggerTime);

async function schedule(cloud: TestCloud, cronExpression: string, enable = true): Promise<void> {
  await createFunction(cloud.client, 'f', PRINT);
  await cloud.client.createTrigger('svc', 'f', {
    triggerName: 't',
    triggerType: 'timer',
    triggerConfig: { cronExpression, payload: '{"job":1}', enable },
  });
}

/** Moves the clock and waits for what it set off. */
async function moveTo(cloud: TestCloud, clock: ManualClock, time: string): Promise<void> {
  clock.set(time);
  cloud.fc.tick();
  await cloud.fc.idle();
}

test("a tick is delivered asynchronously with the platform's payload, named after its schedule", async () => {
  const clock = new ManualClock('2026-01-01T03:59:58Z');
  await using cloud = await testCloud({ clock });
  await schedule(cloud, '0 0 4 * * *');
  await moveTo(cloud, clock, '2026-01-01T03:59:59Z');
  expect(cloud.logs).toEqual([]);
  await moveTo(cloud, clock, '2026-01-01T04:00:07Z');
  expect(cloud.logs.map((line) => JSON.parse(line.text))).toEqual([
    { triggerTime: '2026-01-01T04:00:00Z', triggerName: 't', payload: '{"job":1}' },
  ]);
  await moveTo(cloud, clock, '2026-01-01T04:00:08Z');
  expect(cloud.logs).toHaveLength(1);
  expect(cloud.fc.stats()).toMatchObject({ asyncInvocations: 1, syncInvocations: 0 });
});

test('@every keeps its phase; a jump of the clock fires once', async () => {
  const clock = new ManualClock('2026-01-01T00:00:05Z');
  await using cloud = await testCloud({ clock });
  await schedule(cloud, '@every 1m');
  for (const time of ['00:01:05', '00:02:30', '00:09:30', '00:10:05']) {
    await moveTo(cloud, clock, `2026-01-01T${time}Z`);
  }
  expect(fired(cloud).map((time) => time.slice(11, 19))).toEqual([
    '00:01:05',
    '00:02:05',
    '00:03:05',
    '00:10:05',
  ]);
});

test('a schedule in local time follows the change to summer and winter time', async () => {
  const clock = new ManualClock('2026-03-27T12:00:00Z');
  await using cloud = await testCloud({ clock });
  await schedule(cloud, 'CRON_TZ=Europe/Berlin 0 0 4 * * *');
  for (const day of ['2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25']) {
    await moveTo(cloud, clock, `${day}T00:00:00Z`);
    cloud.logs.length = 0; // the jump over months fires once: not what this test looks at
    await moveTo(cloud, clock, `${day}T12:00:00Z`);
    const expected = { '2026-03-28': '03', '2026-03-29': '02', '2026-10-24': '02', '2026-10-25': '03' }[day];
    expect(fired(cloud)).toEqual([`${day}T${expected}:00:00Z`]);
  }
});

test('changes are effective at once: enabling, another schedule, deletion', async () => {
  const clock = new ManualClock('2026-01-01T00:00:00Z');
  await using cloud = await testCloud({ clock });
  await schedule(cloud, '0 * * * * *', false);
  await moveTo(cloud, clock, '2026-01-01T00:05:00Z');
  expect(cloud.logs).toEqual([]);
  const update = (cronExpression: string, enable: boolean) =>
    cloud.client.updateTrigger('svc', 'f', 't', { triggerConfig: { cronExpression, payload: '', enable } });
  await update('0 * * * * *', true);
  await moveTo(cloud, clock, '2026-01-01T00:06:00Z');
  await update('30 * * * * *', true);
  await moveTo(cloud, clock, '2026-01-01T00:07:00Z');
  await cloud.client.deleteTrigger('svc', 'f', 't');
  await moveTo(cloud, clock, '2026-01-01T00:09:00Z');
  expect(fired(cloud).map((time) => time.slice(14, 19))).toEqual(['06:00', '06:30']);
});

test('a change of the function leaves the phase of its timers alone', async () => {
  const clock = new ManualClock('2026-01-01T00:00:00Z');
  await using cloud = await testCloud({ clock });
  await schedule(cloud, '@every 1m');
  clock.set('2026-01-01T00:00:50Z');
  await cloud.client.updateFunction('svc', 'f', { timeout: 9 });
  await moveTo(cloud, clock, '2026-01-01T00:01:00Z');
  expect(fired(cloud)).toEqual(['2026-01-01T00:01:00Z']);
});

test('without a moved clock, timers run by themselves', async () => {
  await using cloud = await testCloud();
  await schedule(cloud, '@every 1s');
  await until(() => cloud.logs.length >= 2);
  const [first, second] = fired(cloud).map((time) => Date.parse(time));
  expect(second! - first!).toBe(1_000);
});
