import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, type ConfigFault, SyncError } from '../core/errors/index.ts';
import {
  type Project,
  type ProjectBasics,
  parseProject,
  resolveSecrets,
  type SecretSource,
} from '../core/job/index.ts';
import { isPlaceKey } from '../core/security/secret.ts';
import { type CloudFile, requireCloud } from './cloud-file.ts';
import type { CommandContext, GlobalOptions } from './context.ts';
import { findUpwards, readTextFile } from './files.ts';
import { LOCAL_KEY_ID_VARIABLE, LOCAL_KEY_SECRET_VARIABLE, redirectProject } from './redirect.ts';

/** Name of the project file. */
export const PROJECT_FILE = 'millrace.json';

/** A project as commands use it. */
export interface LoadedProject {
  readonly project: Project;
  /** Absent for the bare project of a local cloud. */
  readonly file: string | undefined;
  /** The file as messages show it. */
  readonly name: string;
  /** Folder that the project's own paths count from. */
  readonly folder: string;
  readonly secrets: SecretSource;
  /** The local cloud that it was redirected to; only with `--local`. */
  readonly cloud?: CloudFile;
  readonly cloudFile?: string;
}

/** Where the project of a command is: named, or found from the folder of the job, or from the current one. */
export function findProjectFile(context: CommandContext, near?: string): string | undefined {
  const { io, options } = context;
  const named = options.project ?? io.env.MILLRACE_PROJECT_FILE;
  if (named !== undefined) return path.resolve(io.cwd, named);
  return (
    (near === undefined ? undefined : findUpwards(PROJECT_FILE, near)) ?? findUpwards(PROJECT_FILE, io.cwd)
  );
}

/**
 * The project of a command, redirected with `--local`. `near` is the folder of the job. With `--local` a project
 * is not needed: without one, the project that was last run in the cloud counts. Throws CLI-0003 or CLI-0004.
 */
export async function loadProject(context: CommandContext, near?: string): Promise<LoadedProject> {
  const found = findProjectFile(context, near);
  if (!context.options.local) {
    if (found === undefined) throw noProject(context, near);
    const parsed = await readProject(context, found);
    return { ...parsed, secrets: secretsFor(context, parsed.folder) };
  }
  const folders = [context.io.cwd, ...(found === undefined ? [] : [path.dirname(found)])];
  const { file: cloudFile, cloud } = await requireCloud(folders);
  const parsed = await readProject(context, found ?? cloud.projectFile);
  const secrets = secretsFor(context, parsed.folder, cloud);
  return { ...parsed, project: redirectProject(parsed.project, cloud), secrets, cloud, cloudFile };
}

const noProject = ({ io }: CommandContext, near: string | undefined): SyncError =>
  new SyncError('CLI-0003', 'config', `no ${PROJECT_FILE} in ${near ?? io.cwd} or above`);

/** A project without data sources; its status tables are where every project has them unless it says otherwise. */
const BARE_PROJECT = JSON.stringify({
  state: { endpoint: 'http://localhost', instanceName: 'local', accessKeyId: '-', accessKeySecret: '-' },
});

type ReadProject = Pick<LoadedProject, 'project' | 'file' | 'name' | 'folder'>;

/** Reads a project file; without one the bare project, which only the local cloud can use. */
export async function readProject(context: CommandContext, file: string | undefined): Promise<ReadProject> {
  if (file === undefined) {
    return {
      project: parseProject(BARE_PROJECT).project,
      file,
      name: 'the local cloud',
      folder: context.io.cwd,
    };
  }
  const { text, name } = await readTextFile(file, context.io.cwd);
  const { project, warnings } = parseProject(text, name);
  for (const { message } of warnings) context.log.warn(`${name}: ${message}`);
  return { project, file, name, folder: path.dirname(file) };
}

/** The basics of the project if there is one: a job without data sources needs none to be checked. */
export async function projectBasics(context: CommandContext, near: string): Promise<ProjectBasics> {
  const file = findProjectFile(context, near);
  return file === undefined ? { dataSources: {} } : (await readProject(context, file)).project;
}

/**
 * Secrets from the environment and from files below or beside the project. Each is remembered for masking, unless it is an
 * address or a name.
 */
function secretsFor(context: CommandContext, folder: string, cloud?: CloudFile): SecretSource {
  const local: Readonly<Record<string, string | undefined>> = {
    [LOCAL_KEY_ID_VARIABLE]: cloud?.accessKeyId,
    [LOCAL_KEY_SECRET_VARIABLE]: cloud?.accessKeySecret,
  };
  const remember = (value: string | undefined, key: string): string | undefined => {
    if (value !== undefined && !isPlaceKey(key)) context.secrets.add(value.trim());
    return value;
  };
  return {
    env: (name, key) => remember(local[name] ?? context.io.env[name], key),
    file: (name, key) => remember(readIfPresent(path.resolve(folder, name)), key),
  };
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** An entry of the project with its secrets in clear. Throws ConfigError that names the file and the entry. */
export function resolveEntry<T extends object>(loaded: LoadedProject, entry: T, path: string): T {
  try {
    return resolveSecrets(entry, loaded.secrets, path);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first, ...rest] = error.faults.map(
      (fault): ConfigFault => ({
        ...fault,
        file: loaded.name,
        ...(loaded.cloud ? {} : { hint: `${fault.hint ?? 'mend it'}; or use the local cloud with --local` }),
      }),
    );
    throw first ? new ConfigError([first, ...rest], { cause: error }) : error;
  }
}

/** The options that mean the same project again, called from the same folder. */
export function sameProject(
  context: CommandContext,
  { file, name }: LoadedProject,
): Pick<GlobalOptions, 'local' | 'project'> {
  const { local, project } = context.options;
  const isFound = file === undefined || file === findUpwards(PROJECT_FILE, context.io.cwd);
  const named = project ?? (isFound ? undefined : name);
  return named === undefined ? { local } : { local, project: named };
}
