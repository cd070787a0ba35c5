import type { AnyConnectorDef } from '../../connectors/contract.ts';
import { ConfigError, type ConfigFault } from '../../errors/index.ts';
import { isCredentialKey, isReference, isSecretKey, type SecretSource } from '../../security/secret.ts';
import { CONNECTION_KEY, type DataSources, type MergedParams, mergeDataSource } from '../data-source.ts';
import { childPath } from '../json/node.ts';
import type { JsonObject, JsonValue, StepModel } from '../model.ts';
import { checkValue, type Problem } from '../schema/problem.ts';
import { resolveSecrets } from '../secrets.ts';
import type { Side } from './load-step.ts';

/**
 * The parameters of a step, ready for its connector: data source merged, secrets fetched, parsed by the schema.
 * Holds secrets in clear; never store or log it. Throws ConfigError.
 */
export function resolveStep(
  step: StepModel,
  side: Side,
  def: AnyConnectorDef,
  dataSources: DataSources,
  secrets: SecretSource,
): unknown {
  const merged = mergeDataSource(step.params, def, dataSources);
  failOn(merged.problems, step.path);
  const schema = def[side]?.schema;
  if (!schema) {
    const message = `\`${def.type}\` is no ${side}`;
    throw new ConfigError([{ code: 'JOB-1013', path: step.path, message }]);
  }
  const isSecret = (key: string): boolean => def.secretKeys.includes(key) || isSecretKey(key);
  const params = fetchCredentials(merged, def, secrets, step.path);
  const checked = checkValue(schema, params, { isSecret });
  if (checked.ok) return checked.value;
  failOn(checked.problems, step.path);
  return undefined;
}

/** Fetches references of the data source, and in the step's own parameters those of credentials; no others count. */
function fetchCredentials(
  { params, inherited, entries }: MergedParams,
  def: AnyConnectorDef,
  secrets: SecretSource,
  path: string,
): JsonObject {
  const mayRefer = (key: string): boolean =>
    inherited.has(key) ||
    def.secretKeys.includes(key) ||
    (def.connectionKeys.includes(key) && isCredentialKey(key));
  const references: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(params)) {
    if (isReference(value) && mayRefer(key)) references[key] = value;
  }
  const resolved = { ...params, ...resolveSecrets(references, secrets, path) };
  if (!entries) return resolved;
  const fetched = entries.map((entry, i) =>
    fetchCredentials(entry, def, secrets, `${childPath(path, CONNECTION_KEY)}[${i}]`),
  );
  return { ...resolved, [CONNECTION_KEY]: fetched };
}

function failOn(problems: readonly Problem[], path: string): void {
  const faults = problems.map(
    ({ code, path: below, message, hint }): ConfigFault => ({
      code,
      path: below.reduce<string>(
        (text, part) => childPath(text, typeof part === 'number' ? part : String(part)),
        path,
      ),
      message,
      ...(hint !== undefined && { hint }),
    }),
  );
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
}
