/**
 * PlainBuffer, the row format of Tablestore (API version 2015-12-31). All integers little-endian.
 *
 *   buffer := u32 0x00000075  row*
 *   row    := [01 cell*] [02 cell*] [08] [0B u32 len  extension] 09 u8 rowCrc
 *              key        attributes delete
 *   cell   := 03  04 u32 n name  [05 u32 len value]  [06 u8 op]  [07 i64 version]  0A u8 cellCrc
 *   value  := 00 i64 | 01 f64 | 02 u8 | 03 u32 n utf8 | 07 u32 n bytes | 09 INF_MIN | 0A INF_MAX | 0B AUTO
 *   extension := (0C u32 len  0D u32 epoch  0E i64 micros  0F u32 row  |  tag u32 len bytes)*
 *
 * cellCrc covers name, value (type byte and content), version, op, in this order; rowCrc covers the cell
 * CRCs and one byte for the delete marker. A row ends with its CRC; writers may leave zero bytes after it.
 */

/** First four bytes of every buffer. */
export const HEADER = 0x75;

/** Tags of the format. */
export const Tag = {
  rowKey: 0x01,
  rowData: 0x02,
  cell: 0x03,
  cellName: 0x04,
  cellValue: 0x05,
  cellOp: 0x06,
  cellVersion: 0x07,
  deleteMarker: 0x08,
  rowCrc: 0x09,
  cellCrc: 0x0a,
  extension: 0x0b,
  sequence: 0x0c,
  sequenceEpoch: 0x0d,
  sequenceMicros: 0x0e,
  sequenceRow: 0x0f,
} as const;

/** Types of a value. */
export const ValueType = {
  integer: 0x00,
  double: 0x01,
  boolean: 0x02,
  string: 0x03,
  binary: 0x07,
  infMin: 0x09,
  infMax: 0x0a,
  autoIncrement: 0x0b,
} as const;
