import type { CloudAddress } from '../test/support/cloud-child.ts';
import { CloudChild } from '../test/support/cloud-child.ts';
import { bucketClient, checkExport, dataKeys } from '../test/support/export-check.ts';
import { createSource } from '../test/support/export-job.ts';
import { type Measured, subjectProcess } from './child.ts';
import type { BenchOptions } from './options.ts';
import { atLeast, below, type Figure, spread } from './report.ts';

/** What both subjects are given. */
export interface ExportInput {
  readonly address: CloudAddress;
  readonly prefix: string;
  readonly concurrent: number;
}

const DEFAULT_ROWS = 400_000;
const DEFAULT_PAIRS = 3;
const TABLE = 'everything';
const MAX_WORKER_MIB = 200;

/**
 * Tablestore to OSS on the embedded cloud, which has a process of its own: the plain SDK loop and Millrace in
 * turns, same table, same columns. The output of Millrace is checked row by row before the figures count.
 */
export async function benchExport(options: BenchOptions): Promise<readonly Figure[]> {
  const rows = options.rows ?? DEFAULT_ROWS;
  const cloud = await CloudChild.start();
  const peer = await subjectProcess('sdk-loop.ts');
  const subject = await subjectProcess('millrace.ts');
  try {
    await createSource(cloud.address, TABLE);
    await cloud.ask({ do: 'load', table: TABLE, from: 0, to: rows });
    const theirs: Measured[] = [];
    const ours: Measured[] = [];
    for (let i = 0; i < (options.pairs ?? DEFAULT_PAIRS); i++) {
      theirs.push(await peer.run({ address: cloud.address, prefix: `peer-${i}`, concurrent: 1 }));
      ours.push(await subject.run({ address: cloud.address, prefix: `bench-${i}/part`, concurrent: 1 }));
    }
    await checkOutput(cloud.address, 'bench-0/part', rows);
    return figures(rows, theirs, ours);
  } finally {
    await Promise.all([peer.close(), subject.close()]);
    await cloud.close();
  }
}

async function checkOutput(address: CloudAddress, prefix: string, rows: number): Promise<void> {
  const client = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  const report = await checkExport(client, await dataKeys(client, prefix), rows, 'untold');
  if (report.rows !== rows || report.missing > 0 || report.differences.length > 0) {
    throw new Error(`the export is not exact: ${JSON.stringify(report)}`);
  }
}

function figures(rows: number, theirs: readonly Measured[], ours: readonly Measured[]): readonly Figure[] {
  const rate = (all: readonly Measured[]): number[] => all.map((one) => rows / (one.wallMs / 1000));
  const ratio = (of: (one: Measured) => number): number[] => ours.map((one, i) => of(theirs[i]!) / of(one));
  return [
    { name: 'plain SDK loop', unit: 'rows/s', ...spread(rate(theirs)) },
    { name: 'Millrace, one channel', unit: 'rows/s', ...spread(rate(ours)) },
    atLeast(
      'times faster than the SDK loop',
      '×',
      ratio((one) => one.wallMs),
      3,
    ),
    { name: 'times less processor time', unit: '×', ...spread(ratio((one) => one.cpuMs)) },
    { name: 'peak memory, plain SDK loop', unit: 'MiB', ...spread(theirs.map((one) => one.peakMiB)) },
    below(
      'peak memory, Millrace',
      'MiB',
      ours.map((one) => one.peakMiB),
      MAX_WORKER_MIB,
    ),
  ];
}
