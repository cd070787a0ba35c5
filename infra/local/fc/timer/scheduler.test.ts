import { expect, test } from 'vitest';
import type { FunctionEntry, TriggerRecord } from '../model/records.ts';
import { TimerScheduler } from './scheduler.ts';

const trigger = (triggerName: string, cronExpression: string, enable = true): TriggerRecord => ({
  triggerId: triggerName,
  triggerName,
  triggerType: 'timer',
  description: '',
  invocationRole: '',
  sourceArn: '',
  qualifier: 'LATEST',
  triggerConfig: { cronExpression, payload: '', enable },
  createdTime: '',
  lastModifiedTime: '',
});

const entryOf = (...triggers: TriggerRecord[]): FunctionEntry => ({
  serviceName: 'svc',
  record: { functionName: 'f' } as FunctionEntry['record'],
  codeId: '',
  revision: 1,
  triggers: new Map(triggers.map((each) => [each.triggerName, each])),
});

/** A scheduler on a clock that the test moves; `fired` holds `name time`. */
function schedulerAt(start: string) {
  const fired: string[] = [];
  let nowMs = Date.parse(start);
  const scheduler = new TimerScheduler({ now: () => nowMs }, (_service, _function, payload) => {
    const { triggerName, triggerTime } = JSON.parse(payload.toString());
    fired.push(`${triggerName} ${triggerTime.slice(11, 19)}`);
  });
  const moveTo = (time: string): void => {
    nowMs = Date.parse(`2026-01-01T${time}Z`);
    scheduler.tick();
  };
  return { scheduler, fired, moveTo, [Symbol.dispose]: () => scheduler.close() };
}

test('several timers of a function run independently', () => {
  using each = schedulerAt('2026-01-01T00:00:00Z');
  each.scheduler.update('svc/f', entryOf(trigger('a', '0 * * * * *'), trigger('b', '@every 90s')));
  for (const time of ['00:00:59', '00:01:00', '00:01:30', '00:02:00', '00:03:00']) each.moveTo(time);
  expect(each.fired).toEqual(['a 00:01:00', 'b 00:01:30', 'a 00:02:00', 'a 00:03:00', 'b 00:03:00']);
});

test('the same instant fires once', () => {
  using each = schedulerAt('2026-01-01T00:00:00Z');
  each.scheduler.update('svc/f', entryOf(trigger('a', '0 * * * * *')));
  each.moveTo('00:01:00');
  each.moveTo('00:01:00');
  each.scheduler.update('svc/f', entryOf(trigger('a', '0 * * * * *')));
  each.moveTo('00:01:00');
  expect(each.fired).toEqual(['a 00:01:00']);
});

test('an unchanged timer keeps its phase when others change; a changed one starts anew', () => {
  using each = schedulerAt('2026-01-01T00:00:00Z');
  each.scheduler.update('svc/f', entryOf(trigger('a', '@every 1m')));
  each.moveTo('00:00:40');
  each.scheduler.update('svc/f', entryOf(trigger('a', '@every 1m'), trigger('b', '@every 1m')));
  each.moveTo('00:01:00');
  each.scheduler.update('svc/f', entryOf(trigger('a', '@every 30s')));
  each.moveTo('00:01:29');
  each.moveTo('00:01:30');
  expect(each.fired).toEqual(['a 00:01:00', 'a 00:01:30']);
});

test('disabled timers and deleted functions stay silent; a clock that goes back fires nothing', () => {
  using each = schedulerAt('2026-01-01T00:00:00Z');
  each.scheduler.update('svc/f', entryOf(trigger('a', '@every 1m', false), trigger('b', '@every 1m')));
  each.moveTo('00:01:00');
  each.moveTo('00:00:10');
  each.scheduler.update('svc/f', undefined);
  each.moveTo('00:09:00');
  expect(each.fired).toEqual(['b 00:01:00']);
});
