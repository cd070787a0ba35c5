/**
 * The numbers of PlainBuffer, the row format of every Tablestore call. All integers are little-endian.
 *
 *     buffer := u32 HEADER row*
 *     row    := [ROW_PK cell*] [ROW_DATA cell*] [DELETE_MARKER] [EXTENSION u32 length …] ROW_CHECKSUM u8
 *     cell   := CELL  CELL_NAME u32 n name[n]  [CELL_VALUE u32 L value[L]]  [CELL_TYPE u8]
 *               [CELL_TIMESTAMP i64 ms]  CELL_CHECKSUM u8
 *     value  := type byte + content: INTEGER i64 · DOUBLE f64 · BOOLEAN u8 · STRING, BLOB u32 n + bytes ·
 *               INF_MIN, INF_MAX, AUTO_INCREMENT nothing
 */
export const HEADER = 0x75;
export const HEADER_BYTES = 4;

/** Tags of rows and cells. */
export const TAG = {
  ROW_PK: 0x01,
  ROW_DATA: 0x02,
  CELL: 0x03,
  CELL_NAME: 0x04,
  CELL_VALUE: 0x05,
  CELL_TYPE: 0x06,
  CELL_TIMESTAMP: 0x07,
  DELETE_MARKER: 0x08,
  ROW_CHECKSUM: 0x09,
  CELL_CHECKSUM: 0x0a,
  EXTENSION: 0x0b,
} as const;

/** First byte of a value. */
export const VARIANT = {
  INTEGER: 0x00,
  DOUBLE: 0x01,
  BOOLEAN: 0x02,
  STRING: 0x03,
  BLOB: 0x07,
  INF_MIN: 0x09,
  INF_MAX: 0x0a,
  AUTO_INCREMENT: 0x0b,
} as const;

/** Operation byte of a cell in an update. */
export const CELL_OP = { DELETE_ALL_VERSIONS: 1, DELETE_ONE_VERSION: 3, INCREMENT: 4 } as const;

const VARIANT_NAMES: Readonly<Record<number, string>> = {
  [VARIANT.INTEGER]: 'VT_INTEGER',
  [VARIANT.DOUBLE]: 'VT_DOUBLE',
  [VARIANT.BOOLEAN]: 'VT_BOOLEAN',
  [VARIANT.STRING]: 'VT_STRING',
  [VARIANT.BLOB]: 'VT_BLOB',
  [VARIANT.INF_MIN]: 'VT_INF_MIN',
  [VARIANT.INF_MAX]: 'VT_INF_MAX',
  [VARIANT.AUTO_INCREMENT]: 'VT_AUTO_INCREMENT',
};

/** How the service's own texts call a value type. */
export const variantName = (type: number): string => VARIANT_NAMES[type] ?? `VT_${type}`;

/** One cell as it came over the wire. `value` is the type byte followed by the content. */
export interface PlainCell {
  readonly name: string;
  readonly value: Uint8Array | undefined;
  readonly operation: number | undefined;
  readonly timestamp: bigint | undefined;
}

/** One row as it came over the wire. */
export interface PlainRow {
  readonly primaryKey: readonly PlainCell[];
  readonly cells: readonly PlainCell[];
  readonly deleteMarker: boolean;
}

/** Reads a little-endian unsigned 32-bit integer. */
export const readU32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0;
