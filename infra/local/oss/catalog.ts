/** The state of the service in memory: buckets, objects, uploads, and how often each blob is referred to. */

import type { BlobStore } from './blobs.ts';
import { OssError } from './errors.ts';
import { type ChangeLog, memoryLog } from './journal.ts';
import type { BucketRecord, Change, ObjectRecord, PartRecord, UploadRecord } from './records.ts';
import { SortedMap } from './sorted-map.ts';

/** An upload under way with its parts by number. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: Map<number, PartRecord>;
}

/** A bucket with its objects and the uploads under way. */
export interface Bucket {
  record: BucketRecord;
  readonly objects: SortedMap<ObjectRecord>;
  readonly uploads: Map<string, Upload>;
}

/** Holds the state, applies changes to it and keeps them in a log. */
export class Catalog {
  readonly buckets = new SortedMap<Bucket>();
  private readonly blobs: BlobStore;
  private readonly references = new Map<string, number>();
  private readonly removals = new Set<Promise<unknown>>();
  private log: ChangeLog = memoryLog;

  constructor(blobs: BlobStore) {
    this.blobs = blobs;
  }

  /** Brings back the state of an earlier process. */
  replay(changes: Iterable<Change>): void {
    for (const change of changes) for (const blob of this.apply(change)) this.release(blob);
  }

  /** From now on changes are kept in the log. */
  keepIn(log: ChangeLog): void {
    this.log = log;
  }

  /** Waits for removals and closes the log. */
  async close(): Promise<void> {
    await Promise.all(this.removals);
    await this.log.close();
  }

  /** The bucket of a name. Throws NoSuchBucket. */
  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name);
    if (bucket) return bucket;
    throw new OssError('NoSuchBucket', 'The specified bucket does not exist.', {
      detail: { BucketName: name },
    });
  }

  /**
   * Applies a change at once, so that decisions made in the same turn of the event loop are atomic, and resolves when
   * it is durable: only then may it be acknowledged.
   */
  async commit(change: Change): Promise<void> {
    const freed = this.apply(change);
    await this.log.append(change);
    for (const blob of freed) this.release(blob);
  }

  /** Applies a change without keeping it and returns references that it gave up. */
  private apply(change: Change): string[] {
    switch (change.is) {
      case 'bucket':
        return this.setBucket(change.bucket);
      case 'bucket-gone':
        this.buckets.delete(change.name);
        return [];
      case 'object':
        return this.setObject(this.bucket(change.in), change.object);
      case 'object-gone': {
        const bucket = this.bucket(change.in);
        const freed = blobsOf(bucket.objects.get(change.key));
        bucket.objects.delete(change.key);
        return freed;
      }
      case 'upload':
        this.bucket(change.in).uploads.set(change.upload.uploadId, {
          record: change.upload,
          parts: new Map(),
        });
        return [];
      case 'upload-gone':
        return this.endUpload(this.bucket(change.in), change.uploadId);
      case 'part':
        return this.setPart(this.bucket(change.in), change.uploadId, change.part);
      case 'completed': {
        const bucket = this.bucket(change.in);
        return [...this.setObject(bucket, change.object), ...this.endUpload(bucket, change.uploadId)];
      }
      default:
        return change satisfies never;
    }
  }

  /** Keeps blobs from being removed while they are read or about to be named by a change. */
  retain(blob: string): void {
    this.references.set(blob, (this.references.get(blob) ?? 0) + 1);
  }

  /** Gives a reference up; the last one removes the blob. */
  release(blob: string): void {
    const left = (this.references.get(blob) ?? 0) - 1;
    if (left > 0) {
      this.references.set(blob, left);
      return;
    }
    this.references.delete(blob);
    // A blob that cannot be removed costs disk space only; the next start sweeps it.
    const removal = this.blobs
      .remove(blob)
      .catch(() => undefined)
      .finally(() => this.removals.delete(removal));
    this.removals.add(removal);
  }

  /** Blobs in use. */
  usedBlobs(): ReadonlySet<string> {
    return new Set(this.references.keys());
  }

  /** The shortest list of changes that leads to this state. */
  *snapshot(): Generator<Change> {
    for (const bucket of this.buckets) {
      const { name } = bucket.record;
      yield { is: 'bucket', bucket: bucket.record };
      for (const object of bucket.objects) yield { is: 'object', in: name, object };
      for (const { record, parts } of bucket.uploads.values()) {
        yield { is: 'upload', in: name, upload: record };
        for (const part of parts.values()) yield { is: 'part', in: name, uploadId: record.uploadId, part };
      }
    }
  }

  private setBucket(record: BucketRecord): string[] {
    const known = this.buckets.get(record.name);
    if (known) known.record = record;
    else this.buckets.set(record.name, { record, objects: new SortedMap(), uploads: new Map() });
    return [];
  }

  private setObject(bucket: Bucket, object: ObjectRecord): string[] {
    const freed = blobsOf(bucket.objects.get(object.key));
    for (const { blob } of object.segments) this.retain(blob);
    bucket.objects.set(object.key, object);
    return freed;
  }

  private setPart(bucket: Bucket, uploadId: string, part: PartRecord): string[] {
    const upload = bucket.uploads.get(uploadId);
    if (!upload) throw new Error(`a part names the unknown upload ${uploadId}`);
    const replaced = upload.parts.get(part.number)?.blob;
    if (part.blob !== undefined) this.retain(part.blob);
    upload.parts.set(part.number, part);
    return replaced === undefined ? [] : [replaced];
  }

  private endUpload(bucket: Bucket, uploadId: string): string[] {
    const parts = bucket.uploads.get(uploadId)?.parts.values() ?? [];
    bucket.uploads.delete(uploadId);
    return [...parts].flatMap(({ blob }) => (blob === undefined ? [] : [blob]));
  }
}

function blobsOf(object: ObjectRecord | undefined): string[] {
  return object?.segments.map(({ blob }) => blob) ?? [];
}
