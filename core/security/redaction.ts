import { isSecretKey, MASK, Secret } from './secret.ts';

/** The forms in which a secret may turn up in a message: as it is, inside JSON, inside a URL, as base64. */
function formsOf(secret: string): readonly string[] {
  const utf8 = new TextEncoder().encode(secret);
  const base64 = btoa(Array.from(utf8, (byte) => String.fromCharCode(byte)).join(''));
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd')),
    base64,
  ];
}

/** User name and password inside a URL or JDBC URL. */
const URL_CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${MASK}@`],
  [/([?&;](?:password|passwd|secret|token|accesskey|accesskeysecret)=)[^\s&;"']+/gi, `$1${MASK}`],
];

/** The text with every occurrence of the secrets, in any usual form, and any URL credentials masked. */
export function redact(text: string, secrets: Iterable<string | Secret>): string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    const value = secret instanceof Secret ? secret.reveal() : secret;
    if (value !== '') for (const form of formsOf(value)) forms.add(form);
  }
  let result = text;
  for (const form of [...forms].sort((a, b) => b.length - a.length)) result = result.replaceAll(form, MASK);
  for (const [pattern, mask] of URL_CREDENTIALS) result = result.replace(pattern, mask);
  return result;
}

/** A copy of JSON-like data for print: values of secret keys masked whatever they are, URL credentials too. */
export function maskSecrets(value: unknown): unknown {
  if (typeof value === 'string') return redact(value, []);
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSecretKey(key) ? MASK : maskSecrets(inner)]),
  );
}
