import { deployedHost } from '../runtime/wiring.ts';
import { orchestratorHandler } from './handler.ts';

export { rehearse } from '../runtime/rehearsal.ts';

/** The orchestrator as it is deployed. */
export const handler = orchestratorHandler(deployedHost);
