import { SyncError } from '../errors/index.ts';

/** Longest object name that OSS takes, in bytes of UTF-8. */
export const MAX_OBJECT_KEY_BYTES = 1023;

/**
 * Why a text cannot be an object name of ours, in words for the person, or `undefined` if it can. Stricter than
 * OSS: a name that a file system or a browser would read as another one is refused.
 */
export function objectKeyFault(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (key.startsWith('/')) return 'begins with a slash';
  if (key.includes('\\')) return 'holds a backslash';
  if (/[\p{Cc}\p{Surrogate}]/u.test(key)) return 'holds a control character or broken Unicode';
  const segments = key.split('/');
  if (segments.includes('')) return 'has an empty segment';
  if (segments.some((segment) => segment === '.' || segment === '..')) return 'has a segment `.` or `..`';
  if (Buffer.byteLength(key.normalize('NFC'), 'utf8') > MAX_OBJECT_KEY_BYTES) {
    return `is longer than ${MAX_OBJECT_KEY_BYTES} bytes`;
  }
  return undefined;
}

/**
 * The one way to make an object name: `prefix` as the user wrote it, followed by `rest`, in Unicode form NFC.
 * @throws SyncError SEC-8001 if the name is not allowed or would leave the prefix.
 */
export function objectKey(prefix: string, rest: string): string {
  const key = (prefix + rest).normalize('NFC');
  const fault = objectKeyFault(key);
  if (fault) throw new SyncError('SEC-8001', 'config', `the object name ${fault}`);
  if (!key.startsWith(prefix.normalize('NFC'))) {
    throw new SyncError('SEC-8001', 'config', 'the object name would leave its prefix');
  }
  return key;
}
