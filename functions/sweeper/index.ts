import { z } from 'zod';
import { sweep } from '../../core/run/index.ts';
import { fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import { functionLogger } from '../runtime/logger.ts';
import { engineDeps } from '../runtime/wiring.ts';

/** Sweeper: drives whatever was lost. Any event will do, it says nothing. */
export const handler = fcHandler(
  pipeline(z.unknown(), functionLogger, async (_event, slice) => {
    await sweep(await engineDeps(), slice);
  }),
);
