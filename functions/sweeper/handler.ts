import { z } from 'zod';
import { sweep } from '../../core/run/index.ts';
import { type FcHandler, fcHandler } from '../adapter/fc.ts';
import { pipeline } from '../middleware/pipeline.ts';
import type { Host } from '../runtime/host.ts';

/** Sweeper: drives whatever was lost. Any event will do, it says nothing. */
export function sweeperHandler(host: Host, enter: typeof sweep = sweep): FcHandler {
  const chain = pipeline(z.unknown(), host, async (_event, slice) => {
    await enter(await host.engine(), slice);
  });
  return fcHandler(chain, host.clock);
}
