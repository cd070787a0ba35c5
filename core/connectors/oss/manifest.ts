import type { RunRef } from '../contract.ts';
import type { OssWriterConfig } from './config.ts';
import type { ExpectedObject } from './sink-state.ts';

/** The list of a run's objects: who reads the output trusts this list, not a listing of the bucket. */
export interface Manifest {
  readonly v: 1;
  readonly jobId: string;
  readonly runId: string;
  readonly bucket: string;
  readonly rows: number;
  readonly bytes: number;
  /** In key order. */
  readonly objects: readonly {
    readonly key: string;
    readonly size: number;
    /** Unsigned decimal, as OSS states it. */
    readonly crc64: string;
    readonly rows: number;
  }[];
}

/** The manifest of a run; the same outputs always give the same one. */
export function manifestOf(
  run: RunRef,
  config: OssWriterConfig,
  expected: readonly ExpectedObject[],
): Manifest {
  const sum = (of: (object: ExpectedObject) => number): number => expected.reduce((n, o) => n + of(o), 0);
  return {
    v: 1,
    jobId: run.jobId,
    runId: run.runId,
    bucket: config.connection.bucket,
    rows: sum((o) => o.rows),
    bytes: sum((o) => o.size),
    objects: expected.map(({ key, size, crc64, rows }) => ({ key, size, crc64: String(crc64), rows })),
  };
}

/** The bytes of a manifest. */
export const encodeManifest = (manifest: Manifest): Buffer =>
  Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
