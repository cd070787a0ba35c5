import { z } from 'zod';

/** What a timer trigger sends. Unknown fields are dropped: the platform may add some. */
export const timerEventSchema = z.object({
  /** Schedule time in UTC, not the time of delivery: a doubled delivery carries the same one. */
  triggerTime: z.iso.datetime({ offset: true }),
  triggerName: z.string(),
  /** The text configured with the trigger. */
  payload: z.string(),
});

/** Parsed form of a timer event. */
export type TimerEvent = z.infer<typeof timerEventSchema>;

/** Payload of a timer that starts a job. */
export const startJobPayloadSchema = z.strictObject({
  job: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  params: z.record(z.string(), z.string()).default({}),
});
