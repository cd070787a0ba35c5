/** The target: uploads of parts that nobody sees, objects that a completed upload becomes, manifests. */
import type { RunRef } from '../../core/connectors/contract.ts';
import { SyncError } from '../../core/errors/index.ts';
import { runPath } from '../../core/run/index.ts';
import { lineageOf } from './events.ts';
import type { Ground } from './ground.ts';

/** One part as a state or a completion lists it: number, checksum, rows. */
export type PartRecord = readonly [number: number, crc: string, rows: number];

/** An upload with the parts that count. */
export interface UploadRecord {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly PartRecord[];
}

/** An object as a manifest lists it. */
export interface ListedObject {
  readonly key: string;
  readonly crc: string;
}

/** An object that an earlier job left where the runs of a lineage write. */
export const oldKey = (lineage: string): string => `${lineage}.old/00000/1`;

interface Part {
  readonly rows: readonly number[];
  readonly crc: string;
}

interface Upload {
  readonly key: string;
  readonly run: string;
  readonly bornMs: number;
  readonly parts: Map<number, Part>;
}

/** Checksum of rows in their order. */
export function crcOf(rows: readonly number[]): string {
  let hash = 0x811c9dc5;
  for (const row of rows) hash = Math.imul(hash ^ row, 0x01000193) + rows.length;
  return `${(hash >>> 0).toString(16)}/${rows.length}`;
}

/** Checksum of an object made of these parts. */
export const joinedCrc = (parts: readonly PartRecord[]): string => parts.map(([, crc]) => crc).join('+');

/** An object storage with one bucket. Each method is one request; the caller adds what goes wrong. */
export class Bucket {
  readonly #ground: Ground;
  readonly uploads = new Map<string, Upload>();
  readonly objects = new Map<string, { readonly crc: string; readonly rows: readonly number[] }>();
  readonly manifests = new Map<string, readonly ListedObject[]>();
  /** When the leftovers of a run that were last thrown away had been listed. */
  readonly discardedMs = new Map<string, number>();
  /** What the commit of a run is to remove: noted once, before anything becomes visible. */
  readonly notes = new Map<string, readonly string[]>();
  /** Told before a manifest is stored. */
  onManifest: (run: string) => void = () => {};
  /** Lineages for which the target was made ready. */
  readonly begun = new Set<string>();
  #uploadIds = 0;

  constructor(ground: Ground, lineages: readonly string[]) {
    this.#ground = ground;
    for (const lineage of lineages) this.objects.set(oldKey(lineage), { crc: crcOf([]), rows: [] });
  }

  /** Makes the target ready for a run. */
  begin(run: RunRef): void {
    this.begun.add(lineageOf(runPath(run)));
  }

  /** The target is made ready before the first row, by the run itself or by one that it took over. */
  mustHaveBegun(run: RunRef): void {
    const begins = this.#ground.scenario.sizes.begins > 0;
    if (begins && !this.begun.has(lineageOf(runPath(run))))
      this.#ground.violate(`${runPath(run)} opens the target before it is ready`);
  }

  async initiate(run: RunRef, key: string, fixedId?: string): Promise<string> {
    const uploadId = fixedId ?? `u${++this.#uploadIds}`;
    if (!this.uploads.has(uploadId)) {
      const bornMs = this.#ground.scheduler.nowMs;
      this.uploads.set(uploadId, { key, run: runPath(run), bornMs, parts: new Map() });
    }
    return uploadId;
  }

  async putPart(uploadId: string, number: number, rows: readonly number[]): Promise<void> {
    const upload = this.uploads.get(uploadId);
    if (!upload) throw lost(`the upload ${uploadId} is gone`);
    upload.parts.set(number, { rows, crc: crcOf(rows) });
  }

  /** False if there is no such upload: completed or aborted before. */
  async complete(run: RunRef, record: UploadRecord): Promise<boolean> {
    if (lineageOf(record.key) !== lineageOf(runPath(run)))
      this.#ground.violate(`${runPath(run)} completes ${record.key} of another run`);
    const upload = this.uploads.get(record.uploadId);
    if (!upload) return false;
    const rows = record.parts.flatMap(([number, crc]) => {
      const part = upload.parts.get(number);
      if (part?.crc !== crc) throw lost(`part ${number} of ${record.key} is missing or another one`);
      return part.rows;
    });
    const crc = joinedCrc(record.parts);
    const there = this.objects.get(upload.key);
    if (there && there.crc !== crc)
      this.#ground.violate(`object ${upload.key} is overwritten by another one`);
    this.objects.set(upload.key, { crc, rows });
    this.uploads.delete(record.uploadId);
    return true;
  }

  async head(key: string): Promise<string | undefined> {
    return this.objects.get(key)?.crc;
  }

  async manifest(run: RunRef): Promise<readonly ListedObject[] | undefined> {
    return this.manifests.get(runPath(run));
  }

  /** Stored once; a second one is refused. Everything it lists must be there, unchanged. */
  async putManifest(run: RunRef, listed: readonly ListedObject[]): Promise<'stored' | 'exists'> {
    if (this.manifests.has(runPath(run))) return 'exists';
    this.onManifest(runPath(run));
    for (const { key, crc } of listed) {
      if (this.objects.get(key)?.crc !== crc)
        this.#ground.violate(`the manifest lists ${key}, which is not there`);
    }
    this.manifests.set(runPath(run), listed);
    return 'stored';
  }

  /** Notes all objects of the lineage but these, and but those named by the run, unless that was done before. */
  async note(run: RunRef, but: readonly string[]): Promise<void> {
    const foreign = [...this.objects.keys()].filter(
      (key) =>
        lineageOf(key) === lineageOf(runPath(run)) &&
        !key.startsWith(`${runPath(run)}/`) &&
        !but.includes(key),
    );
    if (!this.notes.has(runPath(run))) this.notes.set(runPath(run), foreign);
  }

  /** Removes what was noted. */
  async removeNoted(run: RunRef): Promise<void> {
    for (const key of this.notes.get(runPath(run)) ?? []) this.objects.delete(key);
  }

  async openUploads(run: RunRef, ofJob = false): Promise<readonly string[]> {
    const isOwn = (upload: Upload): boolean =>
      ofJob ? upload.run.startsWith(`${run.jobId}/`) : upload.run === runPath(run);
    return [...this.uploads].filter(([, upload]) => isOwn(upload)).map(([id]) => id);
  }

  async abort(run: RunRef, uploadId: string): Promise<void> {
    const owner = this.uploads.get(uploadId)?.run ?? runPath(run);
    if (lineageOf(owner) !== lineageOf(runPath(run)))
      this.#ground.violate(`${runPath(run)} aborts an upload of ${owner}`);
    this.uploads.delete(uploadId);
  }

  /** The rows that a reader of a run's manifest sees. */
  rowsOf(run: RunRef): readonly number[] | undefined {
    return this.manifests.get(runPath(run))?.flatMap(({ key }) => this.objects.get(key)?.rows ?? []);
  }
}

/** What no repetition mends. */
export const lost = (message: string): SyncError => new SyncError('DST-4005', 'lost', message);
