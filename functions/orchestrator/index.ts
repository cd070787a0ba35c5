import { z } from 'zod';
import { orchestrate } from '../../core/run/index.ts';
import { runMessageSchema, timerEventSchema } from '../../events/index.ts';
import { fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import { functionLogger } from '../runtime/logger.ts';
import { startScheduled } from '../runtime/scheduled.ts';
import { engineDeps } from '../runtime/wiring.ts';

const eventSchema = z.union([runMessageSchema, timerEventSchema]);

/** Orchestrator: plans a run and starts its workers. A timer event creates the run of its schedule time first. */
export const handler = fcHandler(
  pipeline(eventSchema, functionLogger, async (event, slice) => {
    const deps = await engineDeps();
    const run = 'triggerTime' in event ? await startScheduled(deps, event) : event;
    await orchestrate(deps, run, slice);
  }),
);
