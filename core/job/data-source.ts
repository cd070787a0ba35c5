import type { AnyConnectorDef } from '../connectors/contract.ts';
import { connectorName } from '../connectors/registry.ts';
import type { JsonObject, JsonValue } from './model.ts';
import { nameHint } from './near-name.ts';
import type { Problem } from './schema/problem.ts';

/** A named connection: the type of the system and its connection keys. Secrets are references. */
export interface DataSource extends JsonObject {
  readonly type: string;
}

/** All data sources of a project by name. */
export type DataSources = Readonly<Record<string, DataSource>>;

/** The key in a step's parameters that names a data source. */
export const DATA_SOURCE_KEY = 'datasource';
/** The key that holds a list of connections. */
export const CONNECTION_KEY = 'connection';

/** Parameters as the connector wants them, and where each came from. */
export interface MergedParams {
  readonly params: JsonObject;
  /** Name of the data source that was merged. */
  readonly from?: string;
  /** Keys whose values are those of the data source. */
  readonly inherited: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** The entries of a `connection` list, each merged with its own data source. */
  readonly entries?: readonly MergedParams[];
}

const none: ReadonlySet<string> = new Set();

/** Two spellings of one key, of DataX and of the SDKs: a step that gives one replaces either in the data source. */
const SPELLINGS: Readonly<Record<string, string>> = {
  accessId: 'accessKeyId',
  accessKeyId: 'accessId',
  accessKey: 'accessKeySecret',
  accessKeySecret: 'accessKey',
};

/**
 * Puts the connection of the named data source under a step's own parameters, which win over it. The entries of a
 * `connection` list, several databases with tables of one shape, may name data sources of their own.
 */
export function mergeDataSource(
  own: JsonObject,
  def: AnyConnectorDef,
  dataSources: DataSources,
): MergedParams {
  const merged = mergeOne(own, def, dataSources);
  const entries = merged.params[CONNECTION_KEY];
  if (!Array.isArray(entries)) return merged;
  if (!entries.every(isObject)) return merged;
  const parts = entries.map((entry) => mergeOne(entry, def, dataSources));
  const problems = parts.flatMap((part, i) =>
    part.problems.map((one) => ({ ...one, path: [CONNECTION_KEY, i, ...one.path] })),
  );
  return {
    ...merged,
    params: { ...merged.params, [CONNECTION_KEY]: parts.map(({ params }) => params) },
    problems: [...merged.problems, ...problems],
    entries: parts,
  };
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function mergeOne(own: JsonObject, def: AnyConnectorDef, dataSources: DataSources): MergedParams {
  const { [DATA_SOURCE_KEY]: name, ...params } = own;
  if (name === undefined || name === null || name === '') return { params, inherited: none, problems: [] };
  if (typeof name !== 'string') {
    return {
      params,
      inherited: none,
      problems: [problem('JOB-1006', '`datasource` must be the name of a data source')],
    };
  }
  const source = Object.hasOwn(dataSources, name) ? dataSources[name] : undefined;
  if (!source) {
    const hint = nameHint(name, Object.keys(dataSources));
    return {
      params,
      from: name,
      inherited: none,
      problems: [problem('JOB-1018', `no data source is named \`${name}\``, hint)],
    };
  }
  const { type, ...connection } = source;
  const problems = misfits(name, type, connection, def);
  const isOwn = (key: string): boolean =>
    Object.hasOwn(params, key) || Object.hasOwn(params, SPELLINGS[key] ?? key);
  const kept = Object.entries(connection).filter(([key]) => !isOwn(key));
  const inherited = new Set(kept.map(([key]) => key));
  return { params: { ...Object.fromEntries(kept), ...params }, from: name, inherited, problems };
}

const problem = (code: Problem['code'], message: string, hint?: string): Problem => ({
  code,
  path: [DATA_SOURCE_KEY],
  message,
  ...(hint !== undefined && { hint }),
});

function misfits(
  name: string,
  type: string,
  connection: JsonObject,
  def: AnyConnectorDef,
): readonly Problem[] {
  if (connectorName(type) !== def.type) {
    return [
      problem(
        'JOB-1019',
        `data source \`${name}\` is of type \`${type}\`, but the plug-in is \`${def.type}\``,
      ),
    ];
  }
  return Object.keys(connection)
    .filter((key) => !def.connectionKeys.includes(key))
    .map((key) =>
      problem(
        'JOB-1019',
        `data source \`${name}\` has an unknown key \`${key}\``,
        nameHint(key, def.connectionKeys),
      ),
    );
}
