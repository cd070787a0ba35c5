/**
 * What a system must offer to be read or written. One folder per system; every implementation passes
 * `test/contract`. The engine (core/run, core/transfer) knows systems only through these interfaces.
 */
import type { z } from 'zod';
import type { SyncError } from '../errors/index.ts';
import type { JsonObject } from '../job/model.ts';
import type { Clock, Logger, Random } from '../ports/index.ts';
import type { Column, RowBlock, RunRef, TaskRef } from '../types/index.ts';

export type { RunRef, TaskRef } from '../types/index.ts';

/** Opaque position inside a shard, JSON text with a version inside; made and understood by its reader only. */
export type Cursor = string & { readonly __cursor: unique symbol };

/** What a sink has made durable for a shard so far, JSON text with a version inside; understood by its writer only. */
export type SinkState = string & { readonly __sinkState: unique symbol };

/** The engine's position after a block, JSON text; a transactional sink stores it together with the rows. */
export type Mark = string & { readonly __mark: unique symbol };

/** An independent piece of the input. `range` is JSON text, understood by the reader that planned it. */
export interface Shard {
  /** Zero-padded ordinal in key order, for example `00012`. */
  readonly shardId: string;
  readonly range: string;
  readonly estimatedRows?: number;
  readonly estimatedBytes?: number;
}

/** What every connector call may use. Nothing else reaches the outside. */
export interface ConnectorContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** IANA zone of all times without one, for example `Asia/Shanghai`. */
  readonly timeZone: string;
  /** Aborted when the slice must stop; a call in flight should end soon after. */
  readonly signal: AbortSignal;
}

/** Rows in source order with the position after them. */
export interface Batch {
  readonly block: RowBlock;
  /**
   * Reading from here yields exactly the rows after this batch. Absent if the source has no order to come back
   * to: such a shard is moved in one go, from its beginning after every fault.
   */
  readonly cursor?: Cursor;
  /** The source key of a row in plain words, for dirty rows. */
  readonly keyOf: (row: number) => string;
  /**
   * Rows of the block that the reader could not make what their columns say, ascending, each once: they count as read
   * and as dirty, and no sink sees them. Their cells hold what the source has, as far as it goes.
   */
  readonly refused?: readonly RowFault[];
  /**
   * Gives the memory of the block back to the reader, which fills it with other rows. Called by who is done with the
   * batch and everything that was made of it without a copy; who keeps batches does not call it.
   */
  release?(): void;
}

/** A row that was refused. Counts once; the rest of its block is written. */
export interface RowFault {
  readonly row: number;
  /** Index of the column at fault, -1 if it is the row as a whole. */
  readonly column: number;
  readonly error: SyncError;
  /** What the target wanted, for example `text in GBK`. */
  readonly targetType: string;
}

/** Something that `plan` tells a person: a lossy conversion, a slow choice. */
export interface PlanNote {
  readonly level: 'info' | 'warning';
  readonly message: string;
}

/** How a reader cuts the input. Shards cover the range exactly once and in order. */
export interface ReadPlan {
  readonly columns: readonly Column[];
  readonly shards: readonly Shard[];
  readonly notes: readonly PlanNote[];
  /** What each column is in the source, in column order, for the type map of `plan`. */
  readonly sourceTypes: readonly string[];
  /** Shards depend on something that the reader holds, such as a snapshot: it stays open until all are read. */
  readonly held?: boolean;
}

/** Reads one source. Holds connections: `close` it. */
export interface Reader {
  /** The columns in job order; reads the source's schema. Throws ConfigError when the job does not fit it. */
  columns(): Promise<readonly Column[]>;
  /** `want` = the number of shards that would suit the run; the reader may return more or fewer, at least 1. */
  plan(want: number): Promise<ReadPlan>;
  /**
   * All rows of a shard after `from` (from its beginning if absent), in a fixed order. Resuming from any
   * yielded cursor gives exactly the rows not yet yielded. Blocks are bounded (5,000 rows, about 4 MiB).
   */
  read(shard: Shard, from: Cursor | undefined): AsyncIterable<Batch>;
  /**
   * Cuts a shard into at most `pieces` ranges in order, such that what is left after `from` is about equal in each:
   * the pieces together = the shard, each row once. The first begins where the shard does, and `from` stays a valid
   * cursor of it. Fewer than two mean that there is nothing worth cutting. Absent: shards cannot be cut.
   */
  split?(shard: Shard, from: Cursor | undefined, pieces: number): Promise<readonly Piece[]>;
  /** The shard without what its plan held: its rows as they are when it is read. Absent: no plan holds anything. */
  unheld?(shard: Shard): Shard;
  close(): Promise<void>;
}

/** One piece of a shard that was cut: a range as in `Shard`. */
export type Piece = Omit<Shard, 'shardId'>;

/** What a shard left behind, as the finalizer sees it. */
export interface ShardOutput {
  readonly shardId: string;
  readonly epoch: number;
  readonly state: SinkState;
}

/** What a commit made visible. */
export interface CommitReceipt {
  /** For example `oss://bucket/prefix` and the manifest's key. */
  readonly location: string;
  readonly manifest?: string;
  /** Files made; 0 where rows went into a table. */
  readonly objects: number;
  readonly bytes: number;
}

/** How target columns are stored, for the type map of `plan`. */
export interface TargetColumn {
  readonly name: string;
  readonly type: string;
  readonly lossy: boolean;
  readonly note?: string;
}

/**
 * Writes one target. With delivery `atomic` nothing that a sink writes is visible to readers of the target before
 * `commit`; with any other, rows appear as they are written.
 */
export interface Writer {
  /** What `plan` shows. No effect. Throws ConfigError when the columns do not fit. */
  describe(columns: readonly Column[]): Promise<{
    readonly columns: readonly TargetColumn[];
    readonly notes: readonly PlanNote[];
    readonly location: string;
    /** What this configuration promises, if it is not what the definition declares. */
    readonly delivery?: Delivery;
  }>;
  /** Before any shard is written; may be repeated. Throws DST-4006 and the like. Destroys nothing. */
  prepare(run: RunRef, columns: readonly Column[]): Promise<void>;
  /**
   * What must happen once before the first row, such as `preSql`. Called when the plan is sealed and before any
   * worker starts; called again only if its end could not be recorded. A resumed run does not repeat it.
   */
  begin?(run: RunRef, columns: readonly Column[]): Promise<void>;
  /** A sink for one attempt, continuing after what `prior` made durable. */
  open(task: TaskRef, columns: readonly Column[], prior: SinkState | undefined): Promise<Sink>;
  /** Makes all outputs visible. May be repeated and run twice at once: the result is the same. */
  commit(run: RunRef, outputs: readonly ShardOutput[]): Promise<CommitReceipt>;
  /**
   * Opens what a finished run wrote, to be compared with the source. Absent: this writer cannot be verified. Throws a
   * ConfigError or a SyncError RUN-5030 if these parameters cannot.
   */
  readBack?(run: RunRef, outputs: readonly ShardOutput[], columns: readonly Column[]): Promise<ReadBack>;
  /** Throws away what a run left behind, named by the run and never found by age. May be repeated. */
  discard(run: RunRef): Promise<void>;
  close(): Promise<void>;
}

/**
 * The target of a finished run as rows, in a form of the writer's own choice (mostly text): equal rows are equal bytes.
 * Both sides come in that form, so what a target cannot tell apart (a null and the text that stands for it) is equal.
 */
export interface ReadBack {
  /** Columns of the rows compared. Those with `keyOrdinal` pair rows that differ; without any, likeness does. */
  readonly columns: readonly Column[];
  /** Whether the target knows which shard wrote which rows. `whole`: all shards are compared at once. */
  readonly scope: 'shard' | 'whole';
  /** Whether one row of the source is always one row here; counts can then be compared although the source changed. */
  readonly oneToOne: boolean;
  /** The target may hold rows that the run did not write: rows that the source lacks are no mismatch. */
  readonly holdsOthers: boolean;
  /** Columns that are not compared, because the target answers in a notation of its own; null is told from a value. */
  readonly unchecked: readonly string[];
  /** What the rows of a source block must look like. Rows that the writer refuses are left out. */
  expected(block: RowBlock): Promise<Expected> | Expected;
  /** The target's rows, in any order: of one shard, or of all with scope `whole`. May be called again. */
  rows(shardId: string | undefined): AsyncIterable<RowBlock>;
  /** What is wrong beside the rows: something missing, or with another checksum than recorded. In sentences. */
  problems(): Promise<readonly string[]>;
}

/** Rows as the target must show them. */
export interface Expected {
  readonly blocks: readonly RowBlock[];
  /** Rows of the source block that the writer refuses. */
  readonly refused: number;
}

/** One attempt's output for one shard. Calls never overlap. */
export interface Sink {
  /**
   * The last mark that stands in the target, if this sink keeps marks: every row up to it is in the target and none
   * after it, so the engine goes on from there although its own position may be older.
   */
  readonly ahead?: Mark;
  /**
   * Takes the rows, in order, waiting while too much is in flight. Returns the rows it refused. A transactional
   * sink asks `settle` for the mark once it knows the refused rows, and stores it in the transaction of the block;
   * it may ask again when the transaction is repeated. Other sinks do not look at it. When it has returned, nothing of
   * the block is needed any more.
   */
  write(block: RowBlock, settle?: Settle): Promise<readonly RowFault[]>;
  /**
   * The next block, as soon as it is read, also while another is being written: what can be done for it without the
   * target is done meanwhile. It may never be written. Absent: nothing can be, so that nothing need be read ahead.
   */
  prepare?(block: RowBlock): void;
  /**
   * Makes every row written so far durable and returns the state that stands for them; `undefined` if that is
   * not possible now (too little buffered) and the previous state still stands.
   */
  checkpoint(): Promise<SinkState | undefined>;
  /** Makes everything durable. The sink takes no more rows. */
  finish(): Promise<SinkState>;
  /** Frees memory and connections without any effect; after `finish` a no-op. */
  close(): Promise<void>;
}

/** Keeps the refused rows of a block and returns the position after it. */
export type Settle = (faults: readonly RowFault[]) => Promise<Mark>;

/** What a writer promises about rows after crashes and doubled messages (docs/guarantees.md). */
export type Delivery = 'atomic' | 'idempotent' | 'exactly-once' | 'at-least-once';

/** A system that this program can read, write, or both. `RC` and `WC` are the parsed parameters. */
export interface ConnectorDef<RC = never, WC = never> {
  /** Short plug-in name as job files write it, for example `oss`. */
  readonly type: string;
  /** Parameters that come from a data source, for example `endpoint`. Step parameters win over them. */
  readonly connectionKeys: readonly string[];
  /** Connection keys whose values are secret. */
  readonly secretKeys: readonly string[];
  /** `strict` zod objects: an unknown key is a fault. */
  readonly reader?: {
    readonly schema: z.ZodType<RC>;
    open(config: RC, context: ConnectorContext): Reader;
  };
  readonly writer?: {
    readonly schema: z.ZodType<WC>;
    readonly delivery: Delivery;
    /**
     * The job's parameters, changed so that a later run adds rows beside those of an earlier one: nothing is truncated,
     * refused because it exists, or done again (`preSql`). Absent: refused rows cannot be replayed into this system.
     */
    readonly adding?: (params: JsonObject) => JsonObject;
    open(config: WC, context: ConnectorContext): Writer;
  };
  /** Schema of the connection alone, for `conn test` and data source files. */
  readonly connection?: z.ZodType<Readonly<Record<string, unknown>>>;
  /** Connects and reads something harmless; resolves with a sentence for the person. Throws a SyncError. */
  readonly test?: (
    connection: Readonly<Record<string, unknown>>,
    context: ConnectorContext,
  ) => Promise<string>;
}

/** A definition whose parameter types are no longer known, as the registry holds it. */
// biome-ignore lint/suspicious/noExplicitAny: the registry erases the parameter types; the schema restores them
export type AnyConnectorDef = ConnectorDef<any, any>;
