import { finalize } from '../../core/run/index.ts';
import { runMessageSchema } from '../../events/index.ts';
import { fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import { functionLogger } from '../runtime/logger.ts';
import { engineDeps } from '../runtime/wiring.ts';

/** Finalizer: commits a run whose shards are all done. */
export const handler = fcHandler(
  pipeline(runMessageSchema, functionLogger, async (message, slice) => {
    await finalize(await engineDeps(), message, slice);
  }),
);
