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
  const copy = resolveIn(value, source, { path, key: '' }, faults);
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
  return copy as T;
}

/** Where a value is: its path, and the nearest key above it. */
interface Place {
  readonly path: string;
  readonly key: string;
}

function resolveIn(value: unknown, source: SecretSource, at: Place, faults: ConfigFault[]): unknown {
  if (typeof value === 'string') return resolveText(value, source, at, faults);
  if (Array.isArray(value)) {
    return value.map((item, i) =>
      resolveIn(item, source, { path: childPath(at.path, i), key: at.key }, faults),
    );
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      resolveIn(inner, source, { path: childPath(at.path, key), key }, faults),
    ]),
  );
}

function resolveText(
  text: string,
  source: SecretSource,
  { path, key }: Place,
  faults: ConfigFault[],
): string {
  const reference = parseReference(text);
  if (!reference) return text;
  const secret = fetchSecret(reference, source, key);
  if (secret) return secret.reveal();
  const what = reference.kind === 'env' ? 'the environment variable' : 'the file';
  const message = `${what} \`${reference.name}\` is absent or empty, but \`${path}\` refers to it`;
  faults.push({ code: 'JOB-1020', path, message, hint: 'set it where the job runs' });
  return text;
}
