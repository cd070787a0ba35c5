import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { invalidArgument } from '../http/error.ts';
import { MAX_CODE_BYTES, MAX_UNPACKED_BYTES } from '../limits.ts';
import { crc64 } from './crc64.ts';
import { removeFile, writeDurably } from './durable-file.ts';

/** A stored package. */
export interface StoredCode {
  /** SHA-256 of the package, hex. */
  readonly codeId: string;
  readonly codeSize: number;
  readonly codeChecksum: string;
}

function safeName(root: string, name: string): string {
  const full = path.resolve(root, name);
  if (name.includes('\\') || !full.startsWith(root + path.sep)) {
    throw invalidArgument(`the code package has an entry outside its root: '${name}'`);
  }
  return full;
}

function unzip(zip: Uint8Array): Record<string, Uint8Array> {
  let total = 0;
  try {
    return unzipSync(zip, {
      filter: (entry) => {
        total += entry.originalSize;
        return total <= MAX_UNPACKED_BYTES;
      },
    });
  } catch (error) {
    throw invalidArgument(`the code package is not a readable zip archive: ${(error as Error).message}`);
  } finally {
    if (total > MAX_UNPACKED_BYTES) {
      // biome-ignore lint/correctness/noUnsafeFinally: the size limit takes precedence over a damaged tail
      throw invalidArgument(`the code package unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    }
  }
}

/**
 * Code packages by content. Zip files are durable when the service has a data folder; the unpacked trees are
 * always in a temporary folder outside of it, so that a function cannot find modules of the host project.
 */
export class CodeStore {
  private readonly zipFolder: string;
  private readonly unpackRoot: string;
  private readonly folders = new Map<string, Promise<string>>();

  private constructor(zipFolder: string, unpackRoot: string) {
    this.zipFolder = zipFolder;
    this.unpackRoot = unpackRoot;
  }

  /** Opens the store; `folder` absent = in a temporary folder. */
  static async open(folder: string | undefined): Promise<CodeStore> {
    const temporary = await mkdtemp(path.join(tmpdir(), 'millrace-fc-'));
    const zips = path.join(folder ?? temporary, 'code');
    await mkdir(zips, { recursive: true });
    await mkdir(path.join(temporary, 'unpacked'));
    return new CodeStore(zips, temporary);
  }

  /** A folder for files that live as long as the service. */
  get temporaryFolder(): string {
    return this.unpackRoot;
  }

  /** Stores a package after checking that it can be unpacked. Idempotent by content. */
  async put(zip: Buffer): Promise<StoredCode> {
    if (zip.length === 0 || zip.length > MAX_CODE_BYTES) {
      throw invalidArgument(`the code package must have 1 to ${MAX_CODE_BYTES} bytes`);
    }
    const codeId = createHash('sha256').update(zip).digest('hex');
    await this.unpack(codeId, zip);
    const file = this.zipFile(codeId);
    const stored = await access(file).then(
      () => true,
      () => false,
    );
    if (!stored) await writeDurably(file, zip);
    return { codeId, codeSize: zip.length, codeChecksum: crc64(zip) };
  }

  /** The package itself. */
  read(codeId: string): Promise<Buffer> {
    return readFile(this.zipFile(codeId));
  }

  /** The folder with the unpacked code. */
  folder(codeId: string): Promise<string> {
    return this.folders.get(codeId) ?? this.read(codeId).then((zip) => this.unpack(codeId, zip));
  }

  /** Deletes the packages that no function names. */
  async keepOnly(codeIds: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.zipFolder)) {
      if (!codeIds.has(path.parse(name).name)) await removeFile(path.join(this.zipFolder, name));
    }
  }

  /** Deletes what is temporary. */
  close(): Promise<void> {
    return rm(this.unpackRoot, { recursive: true, force: true, maxRetries: 5 });
  }

  private zipFile(codeId: string): string {
    return path.join(this.zipFolder, `${codeId}.zip`);
  }

  private unpack(codeId: string, zip: Buffer): Promise<string> {
    const known = this.folders.get(codeId);
    if (known !== undefined) return known;
    const unpacking = this.writeTree(path.join(this.unpackRoot, 'unpacked', codeId), zip);
    this.folders.set(codeId, unpacking);
    unpacking.catch(() => this.folders.delete(codeId));
    return unpacking;
  }

  private async writeTree(root: string, zip: Buffer): Promise<string> {
    const entries = Object.entries(unzip(zip)).map(([name, bytes]) => ({
      full: safeName(root, name),
      folder: name.endsWith('/'),
      bytes,
    }));
    await mkdir(root, { recursive: true });
    for (const { full, folder, bytes } of entries) {
      await mkdir(folder ? full : path.dirname(full), { recursive: true });
      if (!folder) await writeFile(full, bytes);
    }
    return root;
  }
}
