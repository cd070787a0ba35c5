/** `millrace conn list` and `millrace conn test NAME` */
import { findConnector } from '../../core/connectors/systems.ts';
import { SyncError } from '../../core/errors/index.ts';
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
  const { clock, random, log } = context;
  const timeZone = loaded.project.defaults?.timeZone ?? 'Asia/Shanghai';
  const signal = new AbortController().signal;
  return def.test(connection, { clock, random, log, timeZone, signal });
}
