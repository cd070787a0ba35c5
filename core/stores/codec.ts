import { SyncError } from '../errors/index.ts';
import type { Columns, Scalar } from './row-table.ts';

/** How a field is stored. `int` must be a safe integer; `json` is text. An absent field has no column. */
export type FieldKind = 'text' | 'int' | 'bool' | 'json';

/** Rows of one kind to columns and back. */
export interface RowCodec<T> {
  encode(row: T): Columns;
  /** Throws RUN-5009 for a row of a newer version, RUN-5007 for one that does not fit. */
  decode(columns: Columns): T;
}

/** Column with the version of the row's layout. */
const LAYOUT = 'v';

/**
 * A codec from the kinds of all fields. Every row carries its layout version, so that a program never
 * misreads the rows of a later one.
 */
export function defineCodec<T extends object>(
  version: number,
  fields: { readonly [K in keyof Required<T>]: FieldKind },
): RowCodec<T> {
  const entries = Object.entries(fields) as [keyof T & string, FieldKind][];
  return {
    encode(row) {
      const columns: Record<string, Scalar> = { [LAYOUT]: BigInt(version) };
      for (const [name, kind] of entries) {
        const value: unknown = row[name];
        if (value !== undefined) columns[name] = encodeField(kind, value);
      }
      return columns;
    },
    decode(columns) {
      checkVersion(columns[LAYOUT], version);
      const row: Record<string, unknown> = {};
      for (const [name, kind] of entries) {
        const stored = columns[name];
        if (stored !== undefined) row[name] = decodeField(name, kind, stored);
      }
      return row as T;
    },
  };
}

function encodeField(kind: FieldKind, value: unknown): Scalar {
  switch (kind) {
    case 'text':
      return String(value);
    case 'int':
      return BigInt(Math.trunc(Number(value)));
    case 'bool':
      return value === true;
    case 'json':
      return JSON.stringify(value);
    default:
      return kind satisfies never;
  }
}

function decodeField(name: string, kind: FieldKind, stored: Scalar): unknown {
  if (kind === 'int' && typeof stored === 'bigint') return Number(stored);
  if (kind === 'bool' && typeof stored === 'boolean') return stored;
  if (kind === 'text' && typeof stored === 'string') return stored;
  if (kind === 'json' && typeof stored === 'string') return JSON.parse(stored);
  throw new SyncError(
    'RUN-5007',
    'bug',
    `the state column ${name} holds a ${typeof stored}, ${kind} was expected`,
  );
}

function checkVersion(stored: Scalar | undefined, version: number): void {
  if (typeof stored !== 'bigint') throw new SyncError('RUN-5007', 'bug', 'a state row has no layout version');
  if (stored > BigInt(version)) {
    throw new SyncError(
      'RUN-5009',
      'config',
      `a state row has layout ${stored}, this program knows up to ${version}`,
    );
  }
}
