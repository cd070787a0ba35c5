import { type CloudAddress, CloudChild } from '../test/support/cloud-child.ts';
import { createSource } from '../test/support/export-job.ts';
import { type Measured, type SubjectProcess, subjectProcess } from './child.ts';
import type { BenchOptions } from './options.ts';
import { atLeast, type Figure } from './report.ts';

/** What the clients of this bench are given. */
export interface CloudInput {
  readonly address: CloudAddress;
  readonly table: string;
  readonly rows: number;
  /** Four of the twelve columns only. */
  readonly subset: boolean;
}

const DEFAULT_ROWS = 400_000;
const DEFAULT_PAIRS = 3;
const TABLE = 'everything';
const BYTES_PER_MB = 1_000_000;

/** What the embedded cloud serves and takes in, asked by a client process that does as little as possible. */
export async function benchCloud(options: BenchOptions): Promise<readonly Figure[]> {
  const rows = options.rows ?? DEFAULT_ROWS;
  const cloud = await CloudChild.start();
  const reader = await subjectProcess('read-pages.ts');
  const sender = await subjectProcess('send-parts.ts');
  try {
    await createSource(cloud.address, TABLE);
    await cloud.ask({ do: 'load', table: TABLE, from: 0, to: rows });
    const input = { address: cloud.address, table: TABLE, rows };
    const whole = await repeat(reader, { ...input, subset: false }, options.pairs ?? DEFAULT_PAIRS);
    const subset = await repeat(reader, { ...input, subset: true }, options.pairs ?? DEFAULT_PAIRS);
    const parts = await repeat(sender, { ...input, subset: false }, options.pairs ?? DEFAULT_PAIRS);
    return [
      atLeast('GetRange served, 12 columns', 'rows/s', whole.map(rowsPerSecond), 200_000),
      atLeast('GetRange served, 4 of 12 columns', 'rows/s', subset.map(rowsPerSecond), 200_000),
      atLeast('objects received, 8 MiB parts', 'MB/s', parts.map(megabytesPerSecond), 300),
    ];
  } finally {
    await Promise.all([reader.close(), sender.close()]);
    await cloud.close();
  }
}

async function repeat(
  subject: SubjectProcess,
  input: CloudInput,
  times: number,
): Promise<readonly Measured[]> {
  const all: Measured[] = [];
  for (let i = 0; i < times; i++) all.push(await subject.run(input));
  return all;
}

const rowsPerSecond = (one: Measured): number => one.rows / (one.wallMs / 1000);
const megabytesPerSecond = (one: Measured): number => one.bytes / BYTES_PER_MB / (one.wallMs / 1000);
