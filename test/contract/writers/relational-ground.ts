/** What the suites of transactional targets share: a table, its blocks, and attempts at writing them. */
import { expect } from 'vitest';
import type {
  ConnectorContext,
  Mark,
  RunRef,
  Sink,
  SinkState,
  Writer,
} from '../../../core/connectors/contract.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { type Column, type RowBlock, RowBlockBuilder } from '../../../core/types/index.ts';
import { writeOnce } from '../../support/spent-block.ts';
import { CuttingProxy } from './cutting-proxy.ts';

/** One database server with one target table `target (id bigint, name text)` without any key. */
export interface RelationalHarness extends AsyncDisposable {
  readonly port: number;
  /** Empties table and ledger, or makes the table anew: with a primary key on `id` if asked. */
  reset(keyed: boolean): Promise<void>;
  /** A further writer, through this port. */
  open(port: number, parameters?: Readonly<Record<string, unknown>>, context?: ConnectorContext): Writer;
  /** A writer that cannot end the sessions of its predecessors. */
  openGentle(): Writer;
  /** The rows as `id:name`, in order of id. */
  rows(): Promise<readonly string[]>;
  /** Runs a statement as somebody else would. */
  execute(sql: string): Promise<void>;
  count(table: string): Promise<number>;
}

/** Columns of the target table. */
export const COLUMNS: readonly Column[] = [
  { name: 'id', type: 'long' },
  { name: 'name', type: 'string' },
];
/** Rows of a block. */
export const BLOCK = 20;
const BLOCKS = 2;
/** Rows of an attempt. */
export const ROWS = BLOCK * BLOCKS;

const nameOf = (id: number): string => `row ${id} 'quoted' \\ back\tslash\n`;
/** The rows that stand in the table for these ids. */
export const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}:${nameOf(from + i)}`);

/** A block of these ids. */
export function blockOf(from: number, to: number): RowBlock {
  const builder = new RowBlockBuilder(COLUMNS);
  for (let id = from; id < to; id++) builder.addRow([BigInt(id), nameOf(id)]);
  return builder.build();
}

/** A context that waits for nothing. */
export const hastyContext = (signal: AbortSignal = new AbortController().signal): ConnectorContext => ({
  clock: { ...systemClock, sleep: async () => undefined },
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal,
});

/** A run. */
export const run: RunRef = { jobId: 'job', runId: 'job-20240203T040506' };
/** Its successor. */
export const resumed: RunRef = { jobId: 'job', runId: 'job-20240203T040506.r1' };
/** The shard of every attempt unless a test says otherwise. */
export const SHARD = '00000';

/** The sink of one attempt. */
export const open = (writer: Writer, epoch: number, ref = run, prior?: SinkState): Promise<Sink> =>
  writer.open({ ...ref, shardId: SHARD, epoch }, COLUMNS, prior);

/** Rows up to which a sink says that it is. */
export const positionOf = (sink: Sink): number =>
  sink.ahead === undefined ? 0 : Number(JSON.parse(sink.ahead));

/** Writes blocks until `to`, as the engine does: each block's mark is the row after it. */
export async function writeUntil(sink: Sink, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += BLOCK) {
    const next = Math.min(to, at + BLOCK);
    const faults = await writeOnce(sink, blockOf(at, next), async () => JSON.stringify(next) as Mark);
    expect(faults).toEqual([]);
  }
}

/** One attempt from wherever the ledger says. */
export async function attempt(writer: Writer, epoch: number, ref = run): Promise<void> {
  const sink = await open(writer, epoch, ref);
  try {
    await writeUntil(sink, positionOf(sink), ROWS);
    await sink.finish();
  } finally {
    await sink.close();
  }
}

/** Modes of a database, as `writeMode` and other parameters. */
export interface WriteModes {
  readonly insert: readonly Readonly<Record<string, unknown>>[];
  readonly keyed: readonly string[];
}

/** Writers over the harness of a suite. */
export class RelationalGround {
  readonly #harness: () => RelationalHarness;

  constructor(harness: () => RelationalHarness) {
    this.#harness = harness;
  }

  get harness(): RelationalHarness {
    return this.#harness();
  }

  readonly writer = (parameters = {}): Writer => this.harness.open(this.harness.port, parameters);

  /** A writer whose run has begun. */
  readonly prepared = async (parameters = {}): Promise<Writer> => {
    const made = this.writer(parameters);
    await made.prepare(run, COLUMNS);
    await made.begin?.(run, COLUMNS);
    return made;
  };

  /** Messages until a sink is open. */
  readonly messagesToOpen = async (keyed: boolean): Promise<number> => {
    await using proxy = await CuttingProxy.start(this.harness.port);
    await this.harness.reset(keyed);
    await this.prepared();
    await (await open(this.harness.open(proxy.port), 1)).close();
    return proxy.messages;
  };
}
