import { deployedHost } from '../runtime/wiring.ts';
import { sweeperHandler } from './handler.ts';

export { rehearse } from '../runtime/rehearsal.ts';

/** The sweeper as it is deployed. */
export const handler = sweeperHandler(deployedHost);
