import { z } from 'zod';

/** Longest name of a job or run that travels in a message. */
const MAX_NAME = 200;

/** A hint to one of the run functions: ids only. Anything else in it is refused. */
export const runMessageSchema = z.strictObject({
  v: z.literal(1),
  jobId: z.string().min(1).max(MAX_NAME),
  runId: z.string().min(1).max(MAX_NAME),
  channel: z.int().min(0).max(100_000).optional(),
});

/** Parsed form of an internal message. */
export type RunMessageEvent = z.infer<typeof runMessageSchema>;

/** A worker's message always names its channel. */
export const workerMessageSchema = runMessageSchema.required({ channel: true });
