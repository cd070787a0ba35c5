import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, SyncError } from '../../../core/errors/index.ts';
import type { LogFields, Logger } from '../../../core/ports/index.ts';
import { systemClock } from '../../../core/ports/system.ts';
import { type FcContext, fcHandler } from '../../../functions/adapter/fc.ts';
import { pipeline } from '../../../functions/middleware/pipeline.ts';

const context: FcContext = {
  requestId: 'request-1',
  region: 'cn-hangzhou',
  accountId: '1',
  function: { name: 'worker', memory: 512, timeout: 60 },
  service: { name: 'millrace' },
};
const schema = z.strictObject({ n: z.int() });

/** Calls a function as the platform does and collects what it logs. */
async function call(event: string, body: (event: { n: number }, timeLeftMs: number) => Promise<void>) {
  const lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const log = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [
      level,
      (message: string, fields?: LogFields) => lines.push({ level, message, fields }),
    ]),
  ) as unknown as Logger;
  const clock = systemClock;
  const chain = pipeline(schema, { clock, log }, (checked, slice) => body(checked, slice.timeLeftMs()));
  const handler = fcHandler(chain, clock);
  return { answer: await handler(Buffer.from(event), context), lines };
}

describe('a function', () => {
  it('gets the checked event and the time it has, less a margin for winding up', async () => {
    let seen: [number, number] | undefined;
    const { answer } = await call('{"n":7}', async (event, left) => {
      seen = [event.n, left];
    });
    expect(answer).toEqual({ outcome: 'ok' });
    expect(seen?.[0]).toBe(7);
    expect(seen?.[1]).toBeLessThanOrEqual(60_000 * 0.85);
    expect(seen?.[1]).toBeGreaterThan(60_000 * 0.85 - 5_000);
  });

  it.each(['{"n":"7"}', '{"n":7,"more":1}', 'not json', '', '[]', '{"n":7.5}'])(
    'refuses %j without running',
    async (event) => {
      let ran = false;
      const { answer } = await call(event, async () => {
        ran = true;
      });
      expect(answer).toEqual({ outcome: 'refused' });
      expect(ran).toBe(false);
    },
  );

  it('answers a fault with its code and throws nothing at the platform', async () => {
    const { answer, lines } = await call('{"n":7}', async () => {
      throw new SyncError('SRC-2001', 'transient', 'no route');
    });
    expect(answer).toEqual({ outcome: 'fault', code: 'SRC-2001' });
    expect(lines).toContainEqual({
      level: 'error',
      message: 'invocation failed',
      fields: { request: 'request-1', code: 'SRC-2001', fault: 'no route' },
    });
  });

  it('answers a bad configuration as refused and an unclassified error as a defect', async () => {
    const bad = await call('{"n":7}', async () => {
      throw new ConfigError([{ code: 'RUN-5007', path: 'state', message: 'no state' }]);
    });
    expect(bad.answer).toEqual({ outcome: 'refused', code: 'RUN-5007' });
    const broken = await call('{"n":7}', async () => {
      throw new TypeError('x is not a function');
    });
    expect(broken.answer).toEqual({ outcome: 'fault', code: 'BUG-9001' });
  });
});
