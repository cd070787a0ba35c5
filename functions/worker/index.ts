import { deployedHost } from '../runtime/wiring.ts';
import { workerHandler } from './handler.ts';

export { rehearse } from '../runtime/rehearsal.ts';

/** The worker as it is deployed. */
export const handler = workerHandler(deployedHost);
