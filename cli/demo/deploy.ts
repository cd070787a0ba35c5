/** The four functions of serverless.yml, brought into the cloud of the demo. */

import type { CloudFile } from '../cloud-file.ts';
import { deployLocally, readLocalModel } from '../local-deployment.ts';
import type { Session } from '../session.ts';

/** With short leases a lost shard is free after seconds; a sweep per minute would find it late. */
const SWEEP_EVERY = '@every 1s';

/** Deploys them with the project of the session; resolves with their names. */
export async function deployFunctions(cloud: CloudFile, session: Session): Promise<readonly string[]> {
  const model = await readLocalModel();
  const functions = model.functions.map((each) => ({
    ...each,
    timers: each.timers.map((timer) => ({ ...timer, cron: SWEEP_EVERY })),
  }));
  await deployLocally(cloud, session.loaded.project, { ...model, functions });
  return functions.map(({ name }) => name);
}
