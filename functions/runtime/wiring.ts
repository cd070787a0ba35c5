import { createSystems } from '../../core/connectors/systems.ts';
import { SyncError } from '../../core/errors/index.ts';
import { createFc2Invoker } from '../../core/invokers/fc2-invoker.ts';
import { type Project, parseProject, resolveSecrets, unpackProjectText } from '../../core/job/index.ts';
import { systemClock, systemRandom } from '../../core/ports/system.ts';
import type { EngineDeps } from '../../core/run/index.ts';
import { openStateStore } from '../../core/stores/index.ts';
import { environmentSecrets } from './environment.ts';
import { functionLogger } from './logger.ts';

let deps: Promise<EngineDeps> | undefined;

/** The engine of this instance: made once, kept while the instance is warm. */
export function engineDeps(): Promise<EngineDeps> {
  deps ??= wire();
  return deps;
}

/** The project as deployed: its text is in the environment, its secrets are other variables of the environment. */
export function deployedProject(): Project {
  const text = process.env.MILLRACE_PROJECT;
  if (!text) throw new SyncError('RUN-5007', 'config', 'MILLRACE_PROJECT is not set');
  return parseProject(unpackProjectText(text), 'MILLRACE_PROJECT').project;
}

async function wire(): Promise<EngineDeps> {
  const project = deployedProject();
  const ports = { clock: systemClock, random: systemRandom };
  const { store } = openStateStore(resolveSecrets(project.state, environmentSecrets), ports);
  if (!project.functions) throw new SyncError('RUN-5007', 'config', 'the project has no `functions` entry');
  return {
    ...ports,
    log: functionLogger,
    state: store,
    systems: createSystems({
      ...ports,
      log: functionLogger,
      dataSources: project.dataSources,
      secrets: environmentSecrets,
    }),
    invoker: createFc2Invoker(resolveSecrets(project.functions, environmentSecrets)),
  };
}
