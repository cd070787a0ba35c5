/** A disposable copy of the example project. */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import OSS from 'ali-oss';

const EXAMPLE = path.resolve('examples/orders');

/** Rows that each channel of `measure.json` makes here. */
export const SLICE_ROWS = 60_000;

export class OrdersProject implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<OrdersProject> {
    const folder = await mkdtemp(path.join(tmpdir(), 'millrace-cli-'));
    await cp(EXAMPLE, folder, { recursive: true });
    const project = new OrdersProject(folder);
    await project.variant('measure.json', 'measure.json', (text) =>
      text.replace('250000', String(SLICE_ROWS)),
    );
    return project;
  }

  /** Writes a variant of one of its jobs. */
  async variant(from: string, name: string, change: (text: string) => string): Promise<string> {
    const text = await readFile(path.join(this.folder, from), 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error('the variant is no different');
    await writeFile(path.join(this.folder, name), changed);
    return name;
  }

  /** The measuring job at 1 MiB/s: about 13 s, several checkpoints. */
  slow(): Promise<string> {
    return this.variant('measure.json', 'slow.json', (text) =>
      text.replace('"throttle": false', '"throttle": true, "mbps": "1"'),
    );
  }

  /** Fills the source table with the example's own script. */
  async seed(rows: number): Promise<void> {
    await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'seed.mjs'), String(rows)], {
      cwd: this.folder,
    });
  }

  async cloudFile(): Promise<{
    endpoints: { ots: string; oss: string; fc: string };
    accessKeyId: string;
    accessKeySecret: string;
    pid: number;
  }> {
    return JSON.parse(await readFile(path.join(this.folder, '.millrace/cloud.json'), 'utf8'));
  }

  /** Lines of all objects below a prefix of the target bucket, by object, without those about runs. */
  async lines(prefix: string): Promise<readonly (readonly string[])[]> {
    const { endpoints, accessKeyId, accessKeySecret } = await this.cloudFile();
    const client = new OSS({ endpoint: endpoints.oss, accessKeyId, accessKeySecret, bucket: 'shop-lake' });
    const listed = await client.listV2({ prefix, 'max-keys': '1000' }, {});
    const names = (listed.objects ?? [])
      .map(({ name }) => name)
      .filter((name) => !name.includes('_millrace'));
    return Promise.all(
      names.map(async (name) => {
        const { content } = await client.get(name);
        return String(content).trimEnd().split('\n');
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
