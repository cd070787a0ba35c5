import type { JsonObject } from '../../../core/job/index.ts';
import type { Row } from './rows.ts';

/** One side of a job file: the name of a plug-in and its parameters. */
export interface Step {
  readonly plugin: string;
  readonly parameter: JsonObject;
}

/** Wishes about the target. */
export interface TargetWishes {
  /** The writer makes the table from the source's columns; only where the source tells types and the target has tables. */
  readonly create?: boolean;
  /** Plain inserts into a table without any key. */
  readonly keyless?: boolean;
  /** The source brings types, so that nothing has to be declared. */
  readonly typed?: boolean;
}

/** A system that holds tables (or objects) of the rows, filled and read back by programs that are not ours. */
export interface Place extends AsyncDisposable {
  readonly name: string;
  /** Its columns have types that a writer can go by. */
  readonly typed: boolean;
  fill(table: string, rows: readonly Row[]): Promise<void>;
  reader(table: string): Step;
  /** Makes room for the target, unless the writer shall. */
  target(table: string, wishes: TargetWishes): Promise<Step>;
  /** All rows of a target. */
  rows(table: string): Promise<Row[]>;
  /** Changes one row behind the back of the run. */
  alter(table: string): Promise<void>;
}
