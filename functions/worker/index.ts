import { work } from '../../core/run/index.ts';
import { workerMessageSchema } from '../../events/index.ts';
import { fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import { functionLogger } from '../runtime/logger.ts';
import { engineDeps } from '../runtime/wiring.ts';

/** Worker: moves shards through one channel of a run. */
export const handler = fcHandler(
  pipeline(workerMessageSchema, functionLogger, async (message, slice) => {
    await work(await engineDeps(), message, slice);
  }),
);
