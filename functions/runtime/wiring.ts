import { createSystems, findConnector } from '../../core/connectors/systems.ts';
import { withDesk } from '../../core/dirty/desk-systems.ts';
import { SyncError } from '../../core/errors/index.ts';
import { createFc2Invoker } from '../../core/invokers/fc2-invoker.ts';
import { type Project, parseProject, resolveSecrets, unpackProjectText } from '../../core/job/index.ts';
import { systemClock, systemRandom } from '../../core/ports/system.ts';
import { defaultRunOptions, type EngineDeps } from '../../core/run/index.ts';
import { openStateStore } from '../../core/stores/index.ts';
import { environmentSecrets } from './environment.ts';
import type { Host } from './host.ts';
import { functionLogger } from './logger.ts';

let deps: Promise<EngineDeps> | undefined;

/** What a deployed function stands on: the machine's clock, the environment, the real services. */
export const deployedHost: Host = {
  clock: systemClock,
  log: functionLogger,
  runOptions: defaultRunOptions,
  findConnector,
  project: deployedProject,
  engine: () => {
    deps ??= wire();
    return deps;
  },
};

/** Its text is in the environment, its secrets are other variables of the environment. */
function deployedProject(): Project {
  const text = process.env.MILLRACE_PROJECT;
  if (!text) throw new SyncError('RUN-5007', 'config', 'MILLRACE_PROJECT is not set');
  return parseProject(unpackProjectText(text), 'MILLRACE_PROJECT').project;
}

async function wire(): Promise<EngineDeps> {
  const project = deployedProject();
  const ports = { clock: systemClock, random: systemRandom };
  const { store, desk } = openStateStore(resolveSecrets(project.state, environmentSecrets), ports);
  if (!project.functions) throw new SyncError('RUN-5007', 'config', 'the project has no `functions` entry');
  const systems = createSystems({
    ...ports,
    log: functionLogger,
    dataSources: project.dataSources,
    secrets: environmentSecrets,
  });
  return {
    ...ports,
    log: functionLogger,
    state: store,
    systems: withDesk(systems, { state: store, desk }),
    invoker: createFc2Invoker(resolveSecrets(project.functions, environmentSecrets)),
  };
}
