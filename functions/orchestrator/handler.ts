import { z } from 'zod';
import { orchestrate } from '../../core/run/index.ts';
import { runMessageSchema, timerEventSchema } from '../../events/index.ts';
import { type FcHandler, fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import type { Host } from '../runtime/host.ts';
import { startScheduled } from '../runtime/scheduled.ts';

const eventSchema = z.union([runMessageSchema, timerEventSchema]);

/** Orchestrator: plans a run and starts its workers. A timer event creates the run of its schedule time first. */
export function orchestratorHandler(host: Host, enter: typeof orchestrate = orchestrate): FcHandler {
  const chain = pipeline(eventSchema, host, async (event, slice) => {
    const deps = await host.engine();
    const run = 'triggerTime' in event ? await startScheduled(host, deps, event) : event;
    await enter(deps, run, slice);
  });
  return fcHandler(chain, host.clock);
}
