/** What must be true of a run that is over: every row once, a true receipt, nothing left behind. */
import type { DirtyRow, RunRow, ShardRow } from '../../core/run/index.ts';
import { isDirtyRow, narrowLine } from '../support/narrow-dataset.ts';
import { DIRTY_IDS, SWEEP_ROWS } from './job.ts';
import type { OutputNames } from './output-names.ts';
import type { Manifest } from './output-reader.ts';
import type { PublicBucket } from './public-bucket.ts';

const EXPECTED: readonly string[] = Array.from({ length: SWEEP_ROWS }, (_, i) => narrowLine(i));
const WRITTEN = SWEEP_ROWS - DIRTY_IDS.length;
/** Of the form `b,{id},…`: where the id begins. */
const ID_AT = 2;

/** Reads what the manifest lists and compares every line with the source. Returns what is wrong. */
export async function outputProblems(
  bucket: PublicBucket,
  manifest: Manifest | undefined,
): Promise<string[]> {
  if (!manifest) return ['there is no manifest'];
  const problems: string[] = [];
  const seen = new Uint8Array(SWEEP_ROWS);
  let rows = 0;
  for (const { key, rows: listed } of manifest.objects) {
    const lines = String(await bucket.read(key)).split('\n');
    if (lines.pop() !== '') problems.push(`${key} does not end with a line`);
    if (lines.length !== listed)
      problems.push(`${key} has ${lines.length} rows, its manifest says ${listed}`);
    for (const line of lines) {
      const id = Number(line.slice(ID_AT, line.indexOf(',', ID_AT)));
      if (line !== EXPECTED[id] || isDirtyRow(id)) problems.push(`${key} holds a foreign line`);
      else if (seen[id]) problems.push(`row ${id} was written twice`);
      else seen[id] = 1;
    }
    rows += lines.length;
  }
  const missing = EXPECTED.findIndex((_, id) => !seen[id] && !isDirtyRow(id));
  if (missing >= 0) problems.push(`row ${missing} is missing`);
  if (manifest.rows !== rows) problems.push(`the manifest counts ${manifest.rows} rows, there are ${rows}`);
  return problems;
}

/** What the state tables and the target hold for a run. */
export interface Facts {
  readonly manifest: Manifest | undefined;
  readonly shards: readonly ShardRow[];
  readonly dirty: readonly DirtyRow[];
}

/** Compares what the run says about itself with what is so. */
export function receiptProblems({ receipt }: RunRow, { manifest, shards, dirty }: Facts): string[] {
  if (!receipt) return ['the run has no receipt'];
  const { read, written, dirty: refused } = receipt.counters;
  const claims: readonly (readonly [string, unknown, unknown])[] = [
    ['rows read', read, SWEEP_ROWS],
    ['rows written', written, WRITTEN],
    ['rows refused', refused, DIRTY_IDS.length],
    ['objects', receipt.objects, manifest?.objects.length],
    ['bytes', receipt.bytesWritten, manifest?.objects.reduce((sum, { size }) => sum + size, 0)],
    ['shards', receipt.shards, shards.filter(({ state }) => state === 'DONE').length],
    ['shards not done', 0, shards.filter(({ state }) => state !== 'DONE').length],
    ['dirty rows kept', dirtyIds(dirty).join(), DIRTY_IDS.join()],
  ];
  return claims
    .filter(([, said, is]) => said !== is)
    .map(([what, said, is]) => `${what}: the run says ${said}, true is ${is}`);
}

/** The ids in the keys of dirty rows, ascending. */
function dirtyIds(rows: readonly DirtyRow[]): readonly number[] {
  const ids = rows.map(({ key }) => Number(/(\d+)\D*$/.exec(key)?.[1]));
  return ids.toSorted((a, b) => a - b);
}

/** What lies below the run's folder beside its manifest, the objects in it, and the record of what was replaced. */
export async function leftoverProblems(
  bucket: PublicBucket,
  names: OutputNames,
  manifest: Manifest | undefined,
): Promise<string[]> {
  const listed = new Set(manifest?.objects.map(({ key }) => key));
  const control = names.manifest.slice(0, names.manifest.lastIndexOf('/') + 1);
  const keys = [...(await bucket.list(names.folder)).keys()];
  return keys
    .filter((key) => !listed.has(key) && !key.startsWith(control))
    .map((key) => `${key} was left behind`);
}
