/** What must be true of a run that is over: every row once or none, a true receipt, nothing left behind. */
import {
  type DirtyRow,
  type RunRow,
  readShards,
  type ShardRow,
  type StateStore,
} from '../../core/run/index.ts';
import type { RunRef } from '../../core/types/run-ref.ts';
import { isDirtyRow, narrowLine } from '../support/narrow-dataset.ts';
import { DIRTY_IDS, SWEEP_ROWS } from './job.ts';
import type { OutputNames } from './output-names.ts';
import type { Manifest, OutputReader } from './output-reader.ts';
import type { PublicBucket } from './public-bucket.ts';

const EXPECTED: readonly string[] = Array.from({ length: SWEEP_ROWS }, (_, i) => narrowLine(i));
const WRITTEN = SWEEP_ROWS - DIRTY_IDS.length;
/** Of the form `b,{id},…`: where the id begins. */
const ID_AT = 2;
const MAX_DIRTY = 1000;

/** A settled run and where its traces are. */
export interface Settled {
  readonly state: StateStore;
  readonly row: RunRow;
  /** The run that was started and, if there is one, its successor: dirty rows are kept under both. */
  readonly runs: readonly RunRef[];
  readonly names: OutputNames;
  /** Code with which it had to fail; absent = it had to succeed. */
  readonly failsWith: string | undefined;
}

/** Compares all there is with what there has to be. Returns what is wrong. */
export async function judge(bucket: PublicBucket, reader: OutputReader, settled: Settled): Promise<string[]> {
  const { row, failsWith } = settled;
  const failure = row.failure ? `: ${row.failure.code} ${row.failure.message}` : '';
  if (row.state !== (failsWith === undefined ? 'SUCCEEDED' : 'FAILED'))
    return [`the run is ${row.state}${failure}`];
  if (failsWith !== undefined) return failureProblems(bucket, reader, settled);
  return [
    ...(await outputProblems(bucket, reader.manifest)),
    ...receiptProblems(row, await factsOf(reader, settled)),
    ...(await leftoverProblems(bucket, settled.names, reader.manifest)),
  ];
}

/** A failed run says why, shows nothing and leaves what was there. */
async function failureProblems(
  bucket: PublicBucket,
  { manifest }: OutputReader,
  { row, names, failsWith }: Settled,
): Promise<string[]> {
  const problems: string[] = [];
  if (row.failure?.code !== failsWith) problems.push(`it failed with ${row.failure?.code}, not ${failsWith}`);
  if (!row.discarded) problems.push('its output was not discarded');
  if (manifest) problems.push('it has a manifest');
  for (const key of (await bucket.list(names.folder)).keys())
    if (key !== names.old) problems.push(`${key} was left behind`);
  return problems;
}

async function factsOf({ manifest }: OutputReader, { state, row, runs }: Settled): Promise<Facts> {
  // Pieces that a killed holder stored and never named are no shards: they wait for nobody.
  const shards = await readShards({ state }, row);
  const kept = await Promise.all(runs.map((run) => state.listDirtyRows(run, MAX_DIRTY)));
  const byPlace = new Map(kept.flat().map((dirty) => [`${dirty.shardId}/${dirty.ordinal}`, dirty]));
  return { manifest, shards, dirty: [...byPlace.values()] };
}

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
