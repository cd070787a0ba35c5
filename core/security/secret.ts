// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
/**
 * Secrets by reference. Files and stored jobs hold `${env:NAME}` or `${file:PATH}`; the value is fetched where
 * it is used, and carried as a `Secret` wherever it could be printed by accident.
 */

/** Where secrets come from. The domain reads no environment and no disk itself. `key`: whose value is fetched. */
export interface SecretSource {
  /** An environment variable. */
  env(name: string, key: string): string | undefined;
  /** The text of a file. The source decides which paths may be read. */
  file(path: string, key: string): string | undefined;
}

/** A parsed reference. */
export interface SecretReference {
  readonly kind: 'env' | 'file';
  readonly name: string;
}

/** What stands for a secret in anything printed. Its length tells nothing. */
export const MASK = '******';

const WHOLE = /^\$\{(env|file):([^{}]+)\}$/;
const ANYWHERE = /\$\{(?:env|file):|^secret:\/\//;

/** The reference that a text is as a whole, or `undefined`. */
export function parseReference(text: string): SecretReference | undefined {
  const match = WHOLE.exec(text);
  return match ? { kind: match[1] as 'env' | 'file', name: match[2]! } : undefined;
}

/** Whether a value is a reference as a whole. */
export const isReference = (value: unknown): value is string =>
  typeof value === 'string' && parseReference(value) !== undefined;

/** Whether a text holds the notation of a reference anywhere, usable or not. */
export const mentionsReference = (text: string): boolean => ANYWHERE.test(text);

/** Fetches what a reference stands for; `undefined` when it is absent or empty. One final line break of a file is dropped. */
export function fetchSecret(
  { kind, name }: SecretReference,
  source: SecretSource,
  key: string,
): Secret | undefined {
  const text = kind === 'env' ? source.env(name, key) : source.file(name, key)?.replace(/\r?\n$/, '');
  return text ? new Secret(text) : undefined;
}

/** Whether a key holds a credential by its name: these may be references in a job, and are masked in print. */
export const isCredentialKey = (key: string): boolean =>
  /(password|passwd|secret|token|accesskey|accesskeyid|accessid|username)$/i.test(key);

/** Whether a key holds something that must stay secret, by its name. */
export const isSecretKey = (key: string): boolean => /(password|passwd|secret|token|accesskey)$/i.test(key);

/** Whether a key says where something is and what it is called: it may be a reference, and is no secret for that. */
export const isPlaceKey = (key: string): boolean =>
  /^(host|port|database|schema|username|endpoint|region|bucket|instanceName|accountId|service)$/i.test(key);

/** A value that no log, error or JSON shows. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  /** What `console.log` and `util.inspect` show. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return MASK;
  }
}
