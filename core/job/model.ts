/** The one internal form of a job, whatever dialect it was written in. JSON-safe: it is stored with the run. */

/** JSON as parsed from a job file: integers beyond 2^53 and exact decimals arrive as text. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** One side of a job. */
export interface StepModel {
  /** Short plug-in name, for example `ots`. */
  readonly type: string;
  /** Parameters with variables replaced; data sources and secrets still by reference. */
  readonly params: JsonObject;
  /** JSON path of the parameters in the file, for messages. */
  readonly path: string;
}

/** Limits over all workers of a run together. */
export interface SpeedModel {
  /** Most shards moved at the same time. */
  readonly concurrent: number;
  /** MiB per second of cell bytes; absent = unlimited. */
  readonly mbps?: number;
  /** Rows per second; absent = unlimited. */
  readonly recordsPerSecond?: number;
}

/** When a run fails because of refused rows. Absent in the job means 0: the first dirty row fails the run. */
export type ErrorLimitModel =
  | { readonly kind: 'records'; readonly limit: number }
  /** A share between 0 and 1 of the rows read, judged at the end. */
  | { readonly kind: 'share'; readonly limit: number };

/** Where refused rows are kept as objects. Absent in the job: the first ones of each shard, in the status table. */
export interface DirtyRowsModel {
  /** Name of a data source of the project that can hold objects. */
  readonly datasource: string;
  /** Folder for the objects of all runs, without a slash at its end. */
  readonly prefix: string;
}

/** A job ready to run. */
export interface JobModel {
  readonly dialect: 'v1' | 'v2' | 'datax';
  readonly reader: StepModel;
  readonly writer: StepModel;
  readonly setting: {
    readonly errorLimit: ErrorLimitModel;
    readonly speed: SpeedModel;
    readonly dirtyRows?: DirtyRowsModel;
    /** IANA name; default `Asia/Shanghai`. */
    readonly timeZone: string;
  };
}
