/** An open project: state store, systems and the way to start functions. */
import { createSystems } from '../core/connectors/systems.ts';
import type { DeskStore } from '../core/dirty/desk-store.ts';
import { withDesk } from '../core/dirty/desk-systems.ts';
import { SyncError } from '../core/errors/index.ts';
import { createFc2Invoker } from '../core/invokers/fc2-invoker.ts';
import type { Invoker } from '../core/ports/index.ts';
import type { EngineDeps, StateStore, Systems } from '../core/run/index.ts';
import { type OpenStateStore, openStateStore } from '../core/stores/index.ts';
import type { CommandContext, GlobalOptions } from './context.ts';
import { type LoadedProject, loadProject, resolveEntry, sameProject } from './project.ts';

/** Where the functions of a run are executed. */
export type Place = 'process' | 'functions';

/** What commands on runs need. */
export interface Session {
  readonly loaded: LoadedProject;
  readonly state: StateStore;
  readonly desk: DeskStore;
  readonly systems: Systems;
  /** Options that mean the same project and cloud in another command. */
  readonly same: Pick<GlobalOptions, 'local' | 'project'>;
  /** The engine with an invoker of the caller's choice. */
  engine(invoker: Invoker, systems?: Systems): EngineDeps;
  /** The invoker of the deployed functions. Throws CLI-0008. */
  functions(): Invoker;
}

/** Opens the project, uses it and closes it. `near` is the folder of the job. */
export async function withSession<R>(
  context: CommandContext,
  near: string | undefined,
  use: (session: Session) => Promise<R>,
): Promise<R> {
  const loaded = await loadProject(context, near);
  const location = resolveEntry(loaded, loaded.project.state, 'state');
  const store = openStateStore(location, context);
  try {
    await ensureTables(store, loaded);
    return await use(sessionOf(context, loaded, store));
  } finally {
    store.close();
  }
}

/** The local cloud gets its status tables when they are first needed, elsewhere when they are found missing. */
async function ensureTables(store: OpenStateStore, loaded: LoadedProject): Promise<void> {
  if (loaded.cloud) return store.createTables();
  try {
    await store.store.runs.get({ jobId: '-', runId: '-' });
  } catch (error) {
    if (!isMissingTable(error)) throw error;
    await store.createTables();
  }
}

const isMissingTable = (error: unknown): boolean =>
  error instanceof SyncError &&
  /OTSObjectNotExist|does not exist/.test(`${error.message} ${JSON.stringify(error.detail)}`);

function sessionOf(context: CommandContext, loaded: LoadedProject, store: OpenStateStore): Session {
  const { clock, random, log } = context;
  const { dataSources } = loaded.project;
  const systems = withDesk(createSystems({ clock, random, log, dataSources, secrets: loaded.secrets }), {
    state: store.store,
    desk: store.desk,
  });
  return {
    loaded,
    state: store.store,
    desk: store.desk,
    systems,
    same: sameProject(context, loaded),
    engine: (invoker, own = systems) => ({ state: store.store, systems: own, invoker, clock, random, log }),
    functions() {
      const { functions } = loaded.project;
      if (!functions) throw new SyncError('CLI-0008', 'config', `${loaded.name} has no \`functions\` entry`);
      return createFc2Invoker(resolveEntry(loaded, functions, 'functions'));
    },
  };
}

/** For commands that start nothing. */
export const noInvoker: Invoker = { invoke: async () => undefined };
