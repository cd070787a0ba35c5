import type {
  Batch,
  CommitReceipt,
  Cursor,
  Piece,
  Reader,
  ReadPlan,
  RowFault,
  Shard,
  ShardOutput,
  Sink,
  SinkState,
  TaskRef,
  Writer,
} from '../../core/connectors/contract.ts';
import { SyncError } from '../../core/errors/index.ts';
import { MemoryFolder, type ObjectFolder } from '../../core/ports/object-folder.ts';
import type { DirtySink, Systems } from '../../core/run/index.ts';
import { type Column, cellValue, type RowBlock, RowBlockBuilder } from '../../core/types/index.ts';

/** What the memory target is asked to refuse or break. */
export interface MemoryFaults {
  /** Called before each batch is read; may throw. */
  onRead?: (shardId: string, from: number) => void;
  /** Called with each row written; an error makes the row dirty. */
  refuse?: (value: bigint) => boolean;
  onCommit?: () => void;
  onPlan?: () => void;
}

const COLUMN: Column = { name: 'id', type: 'long' };

/** For attempts that refuse nothing, or whose refused rows nobody looks at. */
export const forgetful: DirtySink = { keep: async () => {} };

/** A source of the integers 0 to `rows`, cut into equal shards, and a target that shows what was committed. */
export class MemorySystems implements Systems {
  readonly rows: number;
  readonly shards: number;
  readonly batchRows: number;
  /** Whether shards can be cut while they are read. */
  splits = false;
  /** Where the plan cuts; absent = into equal shards. */
  cuts: readonly number[] | undefined;
  /** Whether shards depend on the reader that planned them. */
  held = false;
  /** Where jobs that name a place keep their refused rows. */
  readonly folder = new MemoryFolder();
  /** Readers open now. */
  openReaders = 0;
  /** Called when a run begins to write; undefined = the target needs nothing of the kind. */
  onBegin: (() => void) | undefined;
  readonly faults: MemoryFaults;
  /** What a reader of the target sees. */
  visible: bigint[] = [];
  commits = 0;
  discards: string[] = [];
  /** Rows made durable by every attempt, by `shard/epoch`. */
  readonly staged = new Map<string, bigint[]>();

  constructor(rows: number, shards: number, faults: MemoryFaults = {}, batchRows = 10) {
    this.rows = rows;
    this.shards = shards;
    this.faults = faults;
    this.batchRows = batchRows;
  }

  async openReader(): Promise<Reader> {
    this.openReaders++;
    return {
      columns: async () => [COLUMN],
      plan: async () => this.#plan(),
      read: (shard, from) => this.#read(shard, from),
      ...(this.splits ? { split: async (shard, from, pieces) => this.#split(shard, from, pieces) } : {}),
      close: async () => {
        this.openReaders--;
      },
    };
  }

  async openWriter(): Promise<Writer> {
    return {
      describe: async () => ({ columns: [], notes: [], location: 'memory' }),
      prepare: async () => {},
      ...(this.onBegin ? { begin: async () => this.onBegin?.() } : {}),
      open: async (task, _columns, prior) => this.#sink(task, prior),
      commit: async (_run, outputs) => this.#commit(outputs),
      discard: async (run) => {
        this.discards.push(run.runId);
      },
      close: async () => {},
    };
  }

  async openFolder(): Promise<ObjectFolder> {
    return this.folder;
  }

  #plan(): ReadPlan {
    this.faults.onPlan?.();
    const size = Math.ceil(this.rows / this.shards);
    const cuts = this.cuts ?? Array.from({ length: this.shards - 1 }, (_, i) => (i + 1) * size);
    const bounds = [0, ...cuts, this.rows];
    const shards: Shard[] = bounds.slice(1).map((end, i) => ({
      shardId: String(i).padStart(5, '0'),
      range: JSON.stringify([bounds[i], Math.min(this.rows, end)]),
    }));
    return { columns: [COLUMN], shards, notes: [], sourceTypes: ['integer'], held: this.held };
  }

  #split(shard: Shard, from: Cursor | undefined, pieces: number): Piece[] {
    const [begin, end] = JSON.parse(shard.range) as [number, number];
    const at = from === undefined ? begin : Number(from);
    const count = Math.min(pieces, end - at);
    return Array.from({ length: count }, (_, i) => ({
      range: JSON.stringify([
        i === 0 ? begin : at + Math.floor((i * (end - at)) / count),
        at + Math.floor(((i + 1) * (end - at)) / count),
      ]),
    }));
  }

  async *#read(shard: Shard, from: Cursor | undefined): AsyncIterable<Batch> {
    const [begin, end] = JSON.parse(shard.range) as [number, number];
    for (let at = from === undefined ? begin : Number(from); at < end; at += this.batchRows) {
      this.faults.onRead?.(shard.shardId, at);
      const next = Math.min(end, at + this.batchRows);
      const builder = new RowBlockBuilder([COLUMN]);
      for (let id = at; id < next; id++) builder.add(BigInt(id));
      const first = at;
      yield { block: builder.build(), cursor: String(next) as Cursor, keyOf: (row) => `id=${first + row}` };
    }
  }

  #sink(task: TaskRef, prior: SinkState | undefined): Sink {
    const key = `${task.shardId}/${task.epoch}`;
    const pieces: { key: string; rows: number }[] = prior ? JSON.parse(prior) : [];
    const own: bigint[] = [];
    const state = (): SinkState => {
      this.staged.set(key, [...own]);
      return JSON.stringify(own.length > 0 ? [...pieces, { key, rows: own.length }] : pieces) as SinkState;
    };
    return {
      write: async (block) => this.#write(block, own),
      checkpoint: async () => state(),
      finish: async () => state(),
      close: async () => {},
    };
  }

  #write(block: RowBlock, own: bigint[]): RowFault[] {
    const faults: RowFault[] = [];
    for (let row = 0; row < block.rowCount; row++) {
      const id = cellValue(block, row, 0) as bigint;
      if (this.faults.refuse?.(id)) {
        const error = new SyncError('CNV-3001', 'data', 'refused by the test');
        faults.push({ row, column: 0, error, targetType: 'memory' });
      } else own.push(id);
    }
    return faults;
  }

  #commit(outputs: readonly ShardOutput[]): CommitReceipt {
    this.faults.onCommit?.();
    this.commits++;
    this.visible = outputs.flatMap((output) =>
      (JSON.parse(output.state) as { key: string; rows: number }[]).flatMap((piece) =>
        (this.staged.get(piece.key) ?? []).slice(0, piece.rows),
      ),
    );
    return { location: 'memory', objects: outputs.length, bytes: this.visible.length * 8 };
  }
}
