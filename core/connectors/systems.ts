import { SyncError } from '../errors/index.ts';
import type { DataSources, SecretSource } from '../job/index.ts';
import { resolveSecrets, resolveStep } from '../job/index.ts';
import type { JobModel, StepModel } from '../job/model.ts';
import type { Clock, Logger, Random } from '../ports/index.ts';
import type { Systems } from '../run/engine.ts';
import type { AnyConnectorDef, ConnectorContext } from './contract.ts';
import { folders } from './folders.ts';
import { connectorName, connectors } from './registry.ts';

/** What opening a job's systems needs. */
export interface SystemsOptions {
  readonly dataSources: DataSources;
  readonly secrets: SecretSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The connector of a plug-in name, loaded; `undefined` if there is none. */
export async function findConnector(plugin: string): Promise<AnyConnectorDef | undefined> {
  const name = connectorName(plugin);
  return Object.hasOwn(connectors, name) ? connectors[name]?.() : undefined;
}

/**
 * Opens the two sides of jobs, and the places of their refused rows, through the registries. Secrets are resolved here
 * and live only in the opened system.
 */
export function createSystems(options: SystemsOptions): Systems {
  const contextOf = (job: JobModel, signal: AbortSignal): ConnectorContext => ({
    clock: options.clock,
    random: options.random,
    log: options.log,
    timeZone: job.setting.timeZone,
    signal,
  });
  return {
    async openReader(job, signal) {
      const def = await load(job.reader);
      if (!def.reader) throw cannot(job.reader, 'read');
      const config = resolveStep(job.reader, 'reader', def, options.dataSources, options.secrets);
      return def.reader.open(config, contextOf(job, signal));
    },
    async openWriter(job, signal) {
      const def = await load(job.writer);
      if (!def.writer) throw cannot(job.writer, 'written');
      const config = resolveStep(job.writer, 'writer', def, options.dataSources, options.secrets);
      return def.writer.open(config, contextOf(job, signal));
    },
    async openFolder(job, { datasource, prefix }, signal) {
      const source = options.dataSources[datasource];
      const open = source && (await folders[connectorName(source.type)]?.());
      if (!open) throw noFolder(datasource);
      const { type: _type, ...connection } = resolveSecrets(
        source,
        options.secrets,
        `dataSources.${datasource}`,
      );
      return open(connection, prefix, contextOf(job, signal));
    },
  };
}

async function load(step: StepModel): Promise<AnyConnectorDef> {
  const def = await findConnector(step.type);
  if (!def) throw new SyncError('BUG-9001', 'bug', `the job was stored with an unknown plug-in ${step.type}`);
  return def;
}

/** The project was checked when the job was stored, and may be another one now. */
const noFolder = (name: string): SyncError =>
  new SyncError('JOB-1018', 'config', `the project has no data source \`${name}\` that holds refused rows`);

const cannot = (step: StepModel, what: string): SyncError =>
  new SyncError('BUG-9001', 'bug', `the job was stored with ${step.type}, which cannot be ${what}`);
