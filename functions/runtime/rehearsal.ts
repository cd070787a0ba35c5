import { folders } from '../../core/connectors/folders.ts';
import { connectors } from '../../core/connectors/registry.ts';
import { systemClock, systemRandom } from '../../core/ports/system.ts';

/** An address that nothing is sent to. */
const NOWHERE = {
  endpoint: 'http://127.0.0.1:1',
  accountId: 'rehearsal',
  instanceName: 'rehearsal',
  accessKeyId: 'rehearsal',
  accessKeySecret: 'rehearsal',
  region: 'rehearsal',
  service: 'rehearsal',
  tablePrefix: '',
};

/**
 * Loads what functions import on demand, and opens the clients of the services, without a word to any of them. A function
 * exports it for its bundling, which keeps the compiled form of all that was needed until then; deployed, it never runs.
 */
export async function rehearse(): Promise<void> {
  for (const load of [...Object.values(connectors), ...Object.values(folders)]) await load();
  const { openStateStore } = await import('../../core/stores/index.ts');
  openStateStore(NOWHERE, { clock: systemClock, random: systemRandom }).close();
  const { createFc2Invoker } = await import('../../core/invokers/fc2-invoker.ts');
  createFc2Invoker(NOWHERE);
}
