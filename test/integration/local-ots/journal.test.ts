import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppendLog } from '../../../infra/local/ots/log/append-log.ts';
import { FRAME_HEADER_BYTES, forEachRecord, readFrame } from '../../../infra/local/ots/log/frame.ts';
import { OPERATIONS } from '../../../infra/local/ots/operations/registry.ts';
import { DEFAULT_OPTIONS } from '../../../infra/local/ots/operations/table-messages.ts';
import { bulkLoad } from '../../../infra/local/ots/table/bulk-load.ts';
import { CHANGE, type LoggedChange } from '../../../infra/local/ots/table/change-log.ts';
import { Instance } from '../../../infra/local/ots/table/instance.ts';
import { KEY_TYPE, type TableDefinition } from '../../../infra/local/ots/table/schema.ts';
import type { Table } from '../../../infra/local/ots/table/table.ts';
import { ByteWriter } from '../../../infra/local/ots/wire/byte-writer.ts';
import { CELL_OP, type PlainCell, TAG } from '../../../infra/local/ots/wire/plain-format.ts';
import { readPlainRow } from '../../../infra/local/ots/wire/plain-reader.ts';
import { writeHeader, writeRowEnd, writeSection } from '../../../infra/local/ots/wire/plain-writer.ts';
import { ProtoWriter } from '../../../infra/local/ots/wire/proto-writer.ts';
import { systemClock } from '../../../infra/local/service.ts';
import { temporaryFolder } from './support.ts';

const NOW_MS = 1_800_000_000_000;

const definition: Omit<TableDefinition, 'id'> = {
  name: 't',
  keyColumns: [{ name: 'pk', type: KEY_TYPE.STRING, autoIncrement: false }],
  definedColumns: [],
  options: { ...DEFAULT_OPTIONS, maxVersions: 2 },
  stream: { enabled: true, streamId: 't_1', expirationHours: 24, enabledAtMicros: 1, originColumns: ['x'] },
  throughput: { read: 0, write: 0, changedAtSeconds: 0 },
  createdAtMicros: 1,
};

const rows = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    primaryKey: [`k${String(i).padStart(6, '0')}`],
    columns: [
      ['x', BigInt(i)],
      ['text', 'y'.repeat(i % 50)],
    ] as const,
  }));

/** Everything a table holds, as comparable text. */
const dump = (table: Table) => ({
  definition: table.definition,
  rows: table.rows.leaves.flatMap((leaf) =>
    Array.from({ length: leaf.count }, (_, i) => Buffer.from(leaf.row(i)).toString('base64')),
  ),
  changes: table.changes
    ?.read(0, 1e9)
    .map((change) => ({ ...change, record: Buffer.from(change.record).toString('base64') })),
  counters: [table.lastMicros, table.lastAutoIncrement, table.rows.size, table.rows.bytes],
});

test('a rewritten log rebuilds the same tables, rows, changes and counters', async () => {
  using folder = temporaryFolder();
  const first = new Instance(systemClock, folder.path, 'fsync');
  const table = first.create(definition);
  bulkLoad(first, 't', rows(5000));
  bulkLoad(first, 't', rows(3000));
  table.changes?.trim((table.changes.read(100, 1)[0] as LoggedChange).micros);
  const longest = statSync(join(folder.path, 'ots-1.log')).size;
  await first.compact();
  expect(readdirSync(folder.path)).toEqual(['ots-2.log']);
  expect(statSync(join(folder.path, 'ots-2.log')).size).toBeLessThan(longest * 2);
  bulkLoad(first, 't', rows(10));
  const expected = dump(table);
  expect(expected.changes).toHaveLength(7910);
  await first.close();
  const second = new Instance(systemClock, folder.path, 'fsync');
  expect(dump(second.table('t'))).toEqual(expected);
  await second.close();
});

test('a rewrite that did not finish is ignored', async () => {
  using folder = temporaryFolder();
  const first = new Instance(systemClock, folder.path, 'fsync');
  first.create(definition);
  bulkLoad(first, 't', rows(10));
  await first.close();
  writeFileSync(join(folder.path, 'ots-2.tmp'), 'half a snapshot');
  const second = new Instance(systemClock, folder.path, 'fsync');
  expect(second.table('t').rows.size).toBe(10);
  expect(existsSync(join(folder.path, 'ots-2.tmp'))).toBe(false);
  await second.close();
});

describe('the open end of a log', () => {
  const record = (text: string) => (out: ByteWriter) => {
    out.text(text);
  };

  const texts = (path: string): string[] => {
    const file = readFileSync(path);
    const found: string[] = [];
    for (let at = 0; at < file.length; ) {
      const payload = readFrame(file, at) as Buffer;
      forEachRecord(payload, (bytes) => found.push(bytes.toString()));
      at += FRAME_HEADER_BYTES + payload.length;
    }
    return found;
  };

  test.each(['fsync', 'buffered'] as const)(
    '%s: a record is in the file once flushed says so',
    async (durability) => {
      using folder = temporaryFolder();
      const path = join(folder.path, 'log');
      const log = new AppendLog(openSync(path, 'w+'), 0, durability);
      const expected: string[] = [];
      const checks = Array.from({ length: 40 }, async (_, i) => {
        // Some records arrive while a flush of earlier ones is under way.
        if (i % 3 === 0) await log.flushed();
        log.append(record(`r${i}`));
        expected.push(`r${i}`);
        await log.flushed();
        expect(texts(path)).toContain(`r${i}`);
      });
      await Promise.all(checks);
      expect(texts(path)).toEqual(expected);
      await log.close();
    },
  );

  test('a synchronous flush also finishes what an asynchronous one has begun', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'log');
    const log = new AppendLog(openSync(path, 'w+'), 0, 'fsync');
    log.append(record('one'));
    const begun = log.flushed();
    log.append(record('two'));
    log.flushSync();
    expect(texts(path)).toEqual(['one', 'two']);
    await begun;
    expect(texts(path)).toEqual(['one', 'two']);
    expect(log.idle).toBe(true);
    await log.close();
  });

  test('after a failed write nothing is accepted', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'log');
    writeFileSync(path, '');
    const log = new AppendLog(openSync(path, 'r'), 0, 'fsync');
    log.append(record('lost'));
    await expect(log.flushed()).rejects.toThrow('the log cannot be written');
    expect(() => log.append(record('more'))).toThrow('the log cannot be written');
    await expect(log.flushed()).rejects.toThrow('the log cannot be written');
    await expect(log.close()).rejects.toThrow('the log cannot be written');
  });
});

describe('the change log', () => {
  const text = (value: string): Uint8Array => {
    const out = new ByteWriter();
    out.u8(3);
    out.u32(value.length);
    out.text(value);
    return out.toBytes();
  };
  const integer = (value: bigint): Uint8Array => {
    const out = new ByteWriter();
    out.u8(0);
    out.i64(value);
    return out.toBytes();
  };
  const cell = (name: string, value?: Uint8Array, more: Partial<PlainCell> = {}): PlainCell => ({
    name,
    value,
    operation: undefined,
    timestamp: undefined,
    ...more,
  });

  const call = (instance: Instance, operation: string, cells: readonly PlainCell[]): void => {
    const row = new ByteWriter();
    writeHeader(row);
    const keySum = writeSection(row, TAG.ROW_PK, [cell('pk', text('a'))], 0);
    writeRowEnd(row, writeSection(row, TAG.ROW_DATA, cells, keySum));
    const body = new ProtoWriter()
      .string(1, 't')
      .bytes(2, row.toBytes())
      .message(3, (when) => {
        when.uint(1, 0);
      });
    OPERATIONS.get(operation)?.run({ instance, nowMs: NOW_MS }, body.finish());
  };

  const shown = ({ action, record, origin }: LoggedChange) => {
    const row = (bytes: Uint8Array) => {
      const header = Buffer.of(0x75, 0, 0, 0);
      return readPlainRow(Buffer.concat([header, bytes])).cells.map(({ name, operation, value, timestamp }) =>
        [name, operation ?? 'put', value && Buffer.from(value.subarray(-1)).toString('hex'), timestamp].join(
          ' ',
        ),
      );
    };
    return { action, cells: row(record), origin: origin && row(origin) };
  };

  test('records puts, touched cells of updates and deletes, with the columns kept from before', () => {
    const instance = new Instance({ now: () => NOW_MS }, undefined, 'buffered');
    const table = instance.create(definition);
    call(instance, 'PutRow', [cell('x', integer(7n)), cell('n', integer(1n))]);
    call(instance, 'UpdateRow', [
      cell('y', text('new')),
      cell('n', integer(2n), { operation: CELL_OP.INCREMENT }),
      cell('gone', undefined, { operation: CELL_OP.DELETE_ALL_VERSIONS }),
      cell('one', undefined, { operation: CELL_OP.DELETE_ONE_VERSION, timestamp: 5n }),
    ]);
    call(instance, 'DeleteRow', []);
    const changes = table.changes?.read(0, 10) ?? [];
    expect(changes.map(shown)).toEqual([
      { action: CHANGE.PUT, cells: [`n put 00 ${NOW_MS}`, `x put 00 ${NOW_MS}`], origin: undefined },
      {
        action: CHANGE.UPDATE,
        cells: ['gone 1  ', `n put 00 ${NOW_MS}`, 'one 3  5', `y put 77 ${NOW_MS}`],
        origin: [`x put 00 ${NOW_MS}`],
      },
      { action: CHANGE.DELETE, cells: [], origin: [`x put 00 ${NOW_MS}`] },
    ]);
    // Under a standing clock every change still has a time of its own.
    expect(changes.map(({ micros }) => micros - NOW_MS * 1000)).toEqual([0, 1, 2]);
  });

  test('a table without stream keeps no changes, and old ones end with their retention', () => {
    const instance = new Instance({ now: () => NOW_MS }, undefined, 'buffered');
    const table = instance.create(definition);
    call(instance, 'PutRow', [cell('x', integer(7n))]);
    table.trimChanges(NOW_MS + 24 * 3_600_000);
    expect(table.changes?.read(0, 10)).toHaveLength(1);
    table.trimChanges(NOW_MS + 24 * 3_600_000 + 1);
    expect(table.changes?.read(0, 10)).toEqual([]);
    instance.redefine(table, { stream: { ...definition.stream, enabled: false, streamId: '' } });
    call(instance, 'PutRow', [cell('x', integer(8n))]);
    expect(table.changes).toBeUndefined();
  });
});
