import { deployedHost } from '../runtime/wiring.ts';
import { finalizerHandler } from './handler.ts';

export { rehearse } from '../runtime/rehearsal.ts';

/** The finalizer as it is deployed. */
export const handler = finalizerHandler(deployedHost);
