import { compareBytes } from '../row/key-encoding.ts';
import { keyCellEnd, keyCellsChecksum } from '../row/stored-row.ts';
import type { Leaf } from '../table/leaf.ts';
import type { Table } from '../table/table.ts';
import { ByteWriter } from '../wire/byte-writer.ts';
import { writeHeader, writeRowEnd } from '../wire/plain-writer.ts';

/**
 * Keys that cut a table into pieces of about `pieceBytes` stored bytes. Each point is the shortest leading part
 * of a row's key that is greater than the key before it, so rows of one partition key stay together where the
 * sizes allow. At most `maxPoints` points: pieces grow when there would be more.
 */
export function splitPoints(table: Table, pieceBytes: number, maxPoints: number): Uint8Array[] {
  const target = Math.max(pieceBytes, Math.ceil(table.rows.bytes / (maxPoints + 1)), 1);
  const points: Uint8Array[] = [];
  let gathered = 0;
  let previous: { leaf: Leaf; index: number } | undefined;
  for (const leaf of table.rows.leaves) {
    for (let index = 0; index < leaf.count; index++) {
      if (gathered >= target && previous && points.length < maxPoints) {
        points.push(pointBetween(table, previous, leaf, index));
        gathered = 0;
      }
      gathered += (leaf.rowEnds[index + 1] as number) - (leaf.rowEnds[index] as number);
      previous = { leaf, index };
    }
  }
  return points;
}

/** The shortest leading part of the key of `leaf[index]` that differs from the key of the row before. */
function pointBetween(
  table: Table,
  before: { leaf: Leaf; index: number },
  leaf: Leaf,
  index: number,
): Uint8Array {
  const earlier = before.leaf.row(before.index);
  const row = leaf.row(index);
  let earlierAt = 1;
  let at = 1;
  let columns = 0;
  for (let same = true; same && columns < table.keyCount; columns++) {
    const earlierEnd = keyCellEnd(earlier, earlierAt);
    const end = keyCellEnd(row, at);
    same = compareBytes(earlier, earlierAt, earlierEnd, row, at, end) === 0;
    earlierAt = earlierEnd;
    at = end;
  }
  const out = new ByteWriter();
  writeHeader(out);
  out.copy(row, 0, at);
  writeRowEnd(out, keyCellsChecksum(row, 0, columns));
  return out.toBytes();
}
