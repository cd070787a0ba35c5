/** What the service remembers: the records behind its answers, in the form they are kept in the journal. */

/** Access rules of a bucket for anybody. */
export type BucketAcl = 'private' | 'public-read' | 'public-read-write';
/** Access rules of an object: its own, or those of its bucket. */
export type ObjectAcl = BucketAcl | 'default';

/** How an object came to be. */
export type ObjectType = 'Normal' | 'Multipart' | 'Appendable' | 'Symlink';

/** A piece of content: a whole blob. An object is the concatenation of its segments. */
export interface Segment {
  readonly blob: string;
  readonly size: number;
}

/** A bucket without its content. */
export interface BucketRecord {
  readonly name: string;
  readonly createdMs: number;
  readonly storageClass: string;
  readonly redundancy: string;
  readonly acl: BucketAcl;
  readonly tags: readonly Tag[];
}

/** A label of an object or bucket. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Attributes that a client sets together with the content. */
export interface ObjectAttributes {
  /** Headers stored and sent back: content-type, cache-control…, x-oss-meta-*, encryption. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly storageClass: string;
  readonly acl: ObjectAcl;
  readonly tags: readonly Tag[];
}

/** An object without its bytes. */
export interface ObjectRecord extends ObjectAttributes {
  readonly key: string;
  readonly type: ObjectType;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** CRC-64 of the content, unsigned decimal. */
  readonly crc64: string;
  /** Base64 MD5 of the content where it is known: not for multipart and appendable objects. */
  readonly md5?: string;
  readonly lastModifiedMs: number;
  readonly segments: readonly Segment[];
  /** Key that a symlink points to. */
  readonly symlinkTarget?: string;
}

/** A part of an upload without its bytes. */
export interface PartRecord {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly crc64: string;
  readonly lastModifiedMs: number;
  /** Absent for an empty part. */
  readonly blob?: string;
}

/** An upload as it was initiated. */
export interface UploadRecord extends ObjectAttributes {
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedMs: number;
}

/** One change of state: the unit of the journal. Each is applied whole or not at all. */
export type Change =
  | { readonly is: 'bucket'; readonly bucket: BucketRecord }
  | { readonly is: 'bucket-gone'; readonly name: string }
  | { readonly is: 'object'; readonly in: string; readonly object: ObjectRecord }
  | { readonly is: 'object-gone'; readonly in: string; readonly key: string }
  | { readonly is: 'upload'; readonly in: string; readonly upload: UploadRecord }
  | { readonly is: 'upload-gone'; readonly in: string; readonly uploadId: string }
  | { readonly is: 'part'; readonly in: string; readonly uploadId: string; readonly part: PartRecord }
  | {
      readonly is: 'completed';
      readonly in: string;
      readonly uploadId: string;
      readonly object: ObjectRecord;
    };
