import type { Table } from '../table/table.ts';
import { FrameBuilder } from './frame.ts';
import { writeChange, writeLeaf, writeTable } from './record.ts';

const FRAME_BYTES = 4 * 1024 * 1024;
const CHANGES_PER_READ = 1024;

/** The frames of a log that rebuilds `tables`: per table its definition, its leaves, its retained changes. */
export function* snapshotFrames(tables: Iterable<Table>): Generator<Buffer> {
  let frame = new FrameBuilder();
  for (const write of snapshotRecords(tables)) {
    frame.add(write);
    if (frame.payloadBytes < FRAME_BYTES) continue;
    yield frame.finish();
    frame = new FrameBuilder();
  }
  if (frame.payloadBytes > 0) yield frame.finish();
}

type RecordWrite = Parameters<FrameBuilder['add']>[0];

function* snapshotRecords(tables: Iterable<Table>): Generator<RecordWrite> {
  for (const table of tables) {
    const { definition, lastMicros, lastAutoIncrement, changes } = table;
    const firstChange = changes?.first ?? 0;
    yield (out) => writeTable(out, { definition, lastMicros, lastAutoIncrement, firstChange });
    for (const leaf of table.rows.leaves) {
      if (leaf.count > 0) yield (out) => writeLeaf(out, definition.id, leaf);
    }
    if (changes) yield* changeRecords(table, changes);
  }
}

function* changeRecords(table: Table, changes: NonNullable<Table['changes']>): Generator<RecordWrite> {
  for (let at = changes.first; at < changes.next; at += CHANGES_PER_READ) {
    for (const change of changes.read(at, CHANGES_PER_READ)) {
      yield (out) => writeChange(out, table.definition.id, change);
    }
  }
}
