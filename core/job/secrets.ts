// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import { ConfigError, type ConfigFault } from '../errors/index.ts';
import { fetchSecret, parseReference, type SecretSource } from '../security/secret.ts';
import { childPath } from './json/node.ts';

/**
 * A copy with every whole-value secret reference replaced by what it stands for. The result holds secrets in
 * clear: it belongs in memory only. Throws ConfigError naming every reference that has no value.
 */
export function resolveSecrets<T extends object>(value: T, source: SecretSource, path = ''): T {
  const faults: ConfigFault[] = [];
  const copy = resolveIn(value, source, path, faults);
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
  return copy as T;
}

function resolveIn(value: unknown, source: SecretSource, path: string, faults: ConfigFault[]): unknown {
  if (typeof value === 'string') return resolveText(value, source, path, faults);
  if (Array.isArray(value))
    return value.map((item, i) => resolveIn(item, source, childPath(path, i), faults));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      resolveIn(inner, source, childPath(path, key), faults),
    ]),
  );
}

function resolveText(text: string, source: SecretSource, path: string, faults: ConfigFault[]): string {
  const reference = parseReference(text);
  if (!reference) return text;
  const secret = fetchSecret(reference, source);
  if (secret) return secret.reveal();
  const what = reference.kind === 'env' ? 'the environment variable' : 'the file';
  const message = `${what} \`${reference.name}\` is absent or empty, but \`${path}\` refers to it`;
  faults.push({ code: 'JOB-1020', path, message, hint: 'set it where the job runs' });
  return text;
}
