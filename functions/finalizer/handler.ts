import { finalize } from '../../core/run/index.ts';
import { runMessageSchema } from '../../events/index.ts';
import { type FcHandler, fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import type { Host } from '../runtime/host.ts';

/** Finalizer: commits a run whose shards are all done. */
export function finalizerHandler(host: Host, enter: typeof finalize = finalize): FcHandler {
  const chain = pipeline(runMessageSchema, host, async (message, slice) => {
    await enter(await host.engine(), message, slice);
  });
  return fcHandler(chain, host.clock);
}
