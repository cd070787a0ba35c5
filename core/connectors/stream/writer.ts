import { z } from 'zod';
import { type Column, cellBytes, type RowBlock } from '../../types/index.ts';
import type {
  CommitReceipt,
  PlanNote,
  RowFault,
  RunRef,
  ShardOutput,
  Sink,
  SinkState,
  TargetColumn,
  TaskRef,
  Writer,
} from '../contract.ts';

const unused = (message: string, ...harmless: readonly unknown[]) =>
  z
    .unknown()
    .optional()
    .refine((value) => value === undefined || harmless.includes(value), { message });

/** Parameters of the writer; `{}` discards, as in DataWorks. */
export const streamWriterSchema = z.strictObject({
  print: unused(
    'print: rows are never printed, because logs hold no row values; set it to false',
    false,
    'false',
  ),
  fieldDelimiter: z.string().optional(),
  encoding: z.string().optional(),
  path: unused('path: the stream writer keeps nothing; use the oss writer to keep rows', ''),
  fileName: unused('fileName: the stream writer keeps nothing; use the oss writer to keep rows', ''),
  recordNumBeforeSleep: unused('recordNumBeforeSleep: limit the speed with setting.speed instead', 0),
  sleepTime: unused('sleepTime: limit the speed with setting.speed instead', 0),
});

/** Resolved parameters: there are none. */
export type StreamWriterConfig = z.output<typeof streamWriterSchema>;

const counted = z.strictObject({
  v: z.literal(1),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
type Counted = z.infer<typeof counted>;

const LOCATION = 'nowhere (rows are counted and discarded)';

/** Counts rows and drops them: for measuring readers. */
export class StreamWriter implements Writer {
  async describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
  }> {
    return {
      columns: columns.map(({ name }) => ({ name, type: 'discarded', lossy: false })),
      notes: [{ level: 'info', message: 'rows are counted and discarded' }],
      location: LOCATION,
    };
  }

  async prepare(): Promise<void> {}

  async open(_task: TaskRef, _columns: readonly Column[], prior: SinkState | undefined): Promise<Sink> {
    return new CountingSink(prior === undefined ? { v: 1, rows: 0, bytes: 0 } : decode(prior));
  }

  async commit(_run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt> {
    const bytes = outputs.reduce((sum, { state }) => sum + decode(state).bytes, 0);
    return { location: LOCATION, objects: 0, bytes };
  }

  async discard(): Promise<void> {}

  async close(): Promise<void> {}
}

class CountingSink implements Sink {
  #rows: number;
  #bytes: number;

  constructor({ rows, bytes }: Counted) {
    this.#rows = rows;
    this.#bytes = bytes;
  }

  async write(block: RowBlock): Promise<readonly RowFault[]> {
    this.#rows += block.rowCount;
    this.#bytes += cellBytes(block);
    return [];
  }

  async checkpoint(): Promise<SinkState> {
    return JSON.stringify({ v: 1, rows: this.#rows, bytes: this.#bytes }) as SinkState;
  }

  finish(): Promise<SinkState> {
    return this.checkpoint();
  }

  async close(): Promise<void> {}
}

const decode = (state: SinkState): Counted => counted.parse(JSON.parse(state));
