export { type RunMessageEvent, runMessageSchema, workerMessageSchema } from './internal/schema.ts';
export { startJobPayloadSchema, type TimerEvent, timerEventSchema } from './timer/schema.ts';
