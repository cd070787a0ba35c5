/** A prefix of a bucket as a folder of small objects. */
import { SyncError } from '../../errors/index.ts';
import { crc64 } from '../../formats/index.ts';
import type { ObjectFolder } from '../../ports/index.ts';
import { objectKey } from '../../security/object-key.ts';
import type { ConnectorContext } from '../contract.ts';
import type { OssConnection } from './connection.ts';
import { resolveConnection } from './connection-config.ts';
import { hasOssCode } from './errors.ts';
import { ObjectStore } from './object-store.ts';

/** Opens the folder. Throws DST-4004 for a connection that is not complete. */
export function openOssFolder(
  connection: Readonly<Record<string, unknown>>,
  prefix: string,
  context: ConnectorContext,
): ObjectFolder {
  const resolved = resolveConnection(connection);
  return new OssFolder(new ObjectStore(resolved, context), resolved, prefix);
}

class OssFolder implements ObjectFolder {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #prefix: string;

  constructor(store: ObjectStore, { bucket }: OssConnection, prefix: string) {
    this.#store = store;
    this.#prefix = `${prefix}/`;
    this.location = `oss://${bucket}/${prefix}`;
  }

  /** A bucket may let us put objects and not tell about itself. */
  async check(): Promise<void> {
    try {
      await this.#store.versioning();
    } catch (error) {
      if (!hasOssCode(error, 'AccessDenied')) throw error;
    }
  }

  async put(name: string, bytes: Buffer): Promise<void> {
    const stored = await this.#store.put(objectKey(this.#prefix, name), bytes);
    if (stored === undefined || stored === String(crc64(bytes))) return;
    throw new SyncError(
      'DST-4005',
      'transient',
      'an object was stored with another checksum than it was sent',
    );
  }

  get(name: string): Promise<Buffer | undefined> {
    return this.#store.read(objectKey(this.#prefix, name));
  }

  async *names(prefix: string): AsyncGenerator<string> {
    for await (const key of this.#store.keys(this.#prefix + prefix)) yield key.slice(this.#prefix.length);
  }

  async close(): Promise<void> {
    this.#store.close();
  }
}
