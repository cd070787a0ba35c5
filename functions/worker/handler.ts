import { work } from '../../core/run/index.ts';
import { workerMessageSchema } from '../../events/index.ts';
import { type FcHandler, fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import type { Host } from '../runtime/host.ts';

/** Worker: moves shards through one channel of a run. */
export function workerHandler(host: Host, enter: typeof work = work): FcHandler {
  const chain = pipeline(workerMessageSchema, host, async (message, slice) => {
    await enter(await host.engine(), message, slice);
  });
  return fcHandler(chain, host.clock);
}
