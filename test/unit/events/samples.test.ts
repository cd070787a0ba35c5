import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  runMessageSchema,
  startJobPayloadSchema,
  timerEventSchema,
  workerMessageSchema,
} from '../../../events/index.ts';

const sample = (path: string): unknown => JSON.parse(readFileSync(`events/${path}`, 'utf8'));

describe('the samples', () => {
  it('fit their contracts', () => {
    expect(workerMessageSchema.parse(sample('internal/samples/worker.json'))).toMatchObject({ channel: 3 });
    const timer = timerEventSchema.parse(sample('timer/samples/start-job.json'));
    expect(startJobPayloadSchema.parse(JSON.parse(timer.payload))).toEqual({
      job: 'orders_daily',
      params: {},
    });
  });
});

describe('an internal message', () => {
  const message = { v: 1, jobId: 'j', runId: 'r', channel: 0 };

  it.each([
    { ...message, v: 2 },
    { ...message, jobId: '' },
    { ...message, runId: 'x'.repeat(201) },
    { ...message, channel: -1 },
    { ...message, channel: 1.5 },
    { ...message, rows: [] },
    { v: 1, jobId: 'j' },
  ])('is refused when it is %j', (bad) => {
    expect(workerMessageSchema.safeParse(bad).success).toBe(false);
  });

  it('needs a channel for a worker only', () => {
    const { channel: _channel, ...without } = message;
    expect(workerMessageSchema.safeParse(without).success).toBe(false);
    expect(runMessageSchema.safeParse(without).success).toBe(true);
  });
});

describe('a timer event', () => {
  it('keeps what it knows and drops the rest', () => {
    const event = { triggerTime: '2025-11-01T02:30:00Z', triggerName: 't', payload: '', extra: 1 };
    expect(timerEventSchema.parse(event)).not.toHaveProperty('extra');
    expect(timerEventSchema.safeParse({ ...event, triggerTime: 'yesterday' }).success).toBe(false);
  });

  it('starts only jobs with plain names', () => {
    expect(startJobPayloadSchema.safeParse({ job: '../secrets' }).success).toBe(false);
    expect(startJobPayloadSchema.safeParse({ job: 'a', params: { d: 1 } }).success).toBe(false);
  });
});
