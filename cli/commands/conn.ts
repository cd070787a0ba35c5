/** `millrace conn list` and `millrace conn test NAME` */
import type { AnyConnectorDef } from '../../core/connectors/contract.ts';
import { findConnector } from '../../core/connectors/systems.ts';
import { ConfigError, type ConfigFault, SyncError } from '../../core/errors/index.ts';
import type { DataSource } from '../../core/job/index.ts';
import { nameHint } from '../../core/job/near-name.ts';
import { maskSecrets } from '../../core/security/redaction.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { type LoadedProject, loadProject, resolveEntry } from '../project.ts';
import { formatDuration } from '../quantity.ts';
import { formatTable } from '../table.ts';

/** Lists the data sources of the project; credentials are never shown. */
export async function connListCommand(context: CommandContext): Promise<Outcome> {
  const { project, name: projectName } = await loadProject(context);
  const sources = Object.entries(project.dataSources);
  const rows = sources.map(([name, source]) => [
    name,
    source.type,
    text(source.endpoint),
    text(source.instanceName ?? source.bucket),
  ]);
  if (rows.length === 0) context.out.line(`${projectName} has no data sources.`);
  else
    for (const line of formatTable(['name', 'type', 'endpoint', 'instance or bucket'], rows))
      context.out.line(line);
  return succeeded({
    dataSources: Object.fromEntries(sources.map(([name, source]) => [name, maskSecrets(source)])),
  });
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '-');

/** Connects to one data source and reads something harmless. */
export async function connTestCommand(context: CommandContext, name: string): Promise<Outcome> {
  const loaded = await loadProject(context);
  const source = sourceOf(loaded, name);
  const startMs = context.clock.monotonicMs();
  const sentence = await test(context, loaded, name, source);
  const tookMs = Math.round(context.clock.monotonicMs() - startMs);
  context.out.line(`${context.out.colors.green('ok')}  ${name}: ${sentence} (${formatDuration(tookMs)})`);
  return succeeded({ name, type: source.type, ok: true, message: sentence, tookMs });
}

function sourceOf({ project }: LoadedProject, name: string): DataSource {
  const source = Object.hasOwn(project.dataSources, name) ? project.dataSources[name] : undefined;
  if (source) return source;
  const hint = nameHint(name, Object.keys(project.dataSources));
  throw new SyncError('JOB-1018', 'config', `no data source is named \`${name}\`; ${hint}`);
}

async function test(
  context: CommandContext,
  loaded: LoadedProject,
  name: string,
  source: DataSource,
): Promise<string> {
  const def = await findConnector(source.type);
  if (!def?.test)
    throw new SyncError('CLI-0009', 'config', `data sources of type \`${source.type}\` cannot be tested`);
  const { type: _type, ...connection } = resolveEntry(loaded, source, `dataSources.${name}`);
  checkConnection(def, connection, loaded.name, name);
  const { clock, random, log } = context;
  const timeZone = loaded.project.defaults?.timeZone ?? 'Asia/Shanghai';
  const signal = new AbortController().signal;
  return def.test(connection, { clock, random, log, timeZone, signal });
}

/** Tells every entry that the connector does not take, before anything is sent. */
function checkConnection(def: AnyConnectorDef, connection: object, file: string, name: string): void {
  const checked = def.connection?.safeParse(connection);
  if (!checked || checked.success) return;
  const [first, ...rest] = checked.error.issues.map(
    ({ path, message }): ConfigFault => ({
      code: 'JOB-1019',
      file,
      path: ['dataSources', name, ...path].join('.'),
      message: `data source \`${name}\`: ${message}`,
    }),
  );
  if (first) throw new ConfigError([first, ...rest]);
}
