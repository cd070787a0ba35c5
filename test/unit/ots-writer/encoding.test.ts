import fc from 'fast-check';
import TableStore from 'tablestore';
import { describe, expect, it } from 'vitest';
import { batchBody, batchesOf } from '../../../core/connectors/ots/write/batch-request.ts';
import { writeDecimalInt64 } from '../../../core/connectors/ots/write/int64-text.ts';
import { fitLayout } from '../../../core/connectors/ots/write/layout.ts';
import { RowEncoder } from '../../../core/connectors/ots/write/row-encoder.ts';
import type { OtsWriterConfig, WriteOperation } from '../../../core/connectors/ots/write/writer-config.ts';
import type { TableSchema } from '../../../core/tablestore/index.ts';
import { type CellValue, type Column, RowBlockBuilder } from '../../../core/types/index.ts';

const schema: TableSchema = {
  table: 't',
  key: [
    { name: 'p', type: 'STRING' },
    { name: 'q', type: 'INTEGER' },
    { name: 'r', type: 'BINARY' },
  ],
  defined: [],
};

const base: OtsWriterConfig = {
  connection: {
    endpoint: 'http://127.0.0.1:1',
    instanceName: 'inst',
    accessKeyId: 'id',
    accessKeySecret: 'secret',
    timeoutMs: 1000,
  },
  table: 't',
  key: [{ name: 'p' }, { name: 'q' }, { name: 'r' }],
  attributes: [
    { name: 'i', type: 'INTEGER' },
    { name: 'd', type: 'DOUBLE' },
    { name: 's', type: 'STRING' },
    { name: 'b', type: 'BOOLEAN' },
    { name: 'x', type: 'BINARY' },
  ],
  operation: 'put',
  batchRows: 100,
  batchBytes: 1_000_000,
  concurrency: 1,
  maxKeyBytes: 1024,
  maxAttributeBytes: 2 ** 21,
  allowLossy: false,
  maxRetries: 0,
  retryPauseMs: 1,
};

const columns: readonly Column[] = [
  { name: '1', type: 'string' },
  { name: '2', type: 'long' },
  { name: '3', type: 'bytes' },
  { name: '4', type: 'long' },
  { name: '5', type: 'double' },
  { name: '6', type: 'string' },
  { name: '7', type: 'bool' },
  { name: '8', type: 'bytes' },
];

function encoded(
  config: OtsWriterConfig,
  source: readonly Column[],
  rows: readonly (readonly CellValue[])[],
) {
  const builder = new RowBlockBuilder(source);
  for (const row of rows) builder.addRow(row);
  const encoder = new RowEncoder(fitLayout(config, schema, source).columns, source, config, 'UTC');
  return { faults: encoder.encode(builder.build()), rows: encoder.rows };
}

const fragments = ({ rows }: ReturnType<typeof encoded>): Buffer[] =>
  Array.from({ length: rows.count }, (_, i) =>
    Buffer.from(rows.bytes.subarray(rows.starts[i], rows.ends[i])),
  );

interface Encoder {
  Long: { fromString(text: string): unknown };
  PlainBufferBuilder: {
    serializeForPutRow(key: object[], cells: object[]): Buffer;
    serializeForUpdateRow(key: object[], changes: object): Buffer;
    serializeForDeleteRow(key: object[]): Buffer;
  };
}
const sdk = TableStore as unknown as Encoder;

const forSdk = (value: CellValue): unknown =>
  typeof value === 'bigint'
    ? sdk.Long.fromString(value.toString())
    : value instanceof Uint8Array
      ? Buffer.from(value)
      : value;

/** The same row by the encoder of the SDK, which leaves zero bytes behind some rows. */
function bySdk(operation: WriteOperation, [p, q, r, ...rest]: readonly CellValue[]): Buffer {
  const key = [{ p: forSdk(p!) }, { q: forSdk(q!) }, { r: forSdk(r!) }];
  const names = base.attributes.map(({ name }) => name);
  const cells = rest.flatMap((value, i) => (value === null ? [] : [{ [names[i]!]: forSdk(value) }]));
  const { PlainBufferBuilder: sdkBuilder } = sdk;
  if (operation === 'put') return sdkBuilder.serializeForPutRow(key, cells);
  if (operation === 'delete') return sdkBuilder.serializeForDeleteRow(key);
  const removed = names.filter((_, i) => rest[i] === null);
  const changes = [{ PUT: cells }, { DELETE_ALL: removed }];
  return sdkBuilder.serializeForUpdateRow(key, changes);
}

const withoutJunk = (row: Buffer, length: number): Buffer => {
  expect(row.subarray(length).every((byte) => byte === 0)).toBe(true);
  return row.subarray(0, length);
};

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const anyRow = fc.tuple(
  text,
  int64,
  bytes,
  orNull(int64),
  orNull(fc.double({ noNaN: true })),
  orNull(text),
  orNull(fc.boolean()),
  orNull(bytes),
) as fc.Arbitrary<CellValue[]>;

describe('rows on the wire', () => {
  it.each(['put', 'delete'] as const)('%s: are those of the SDK, byte by byte', (operation) => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1, maxLength: 5 }), (rows) => {
        const attributes = operation === 'delete' ? [] : base.attributes;
        const cut = operation === 'delete' ? 3 : columns.length;
        const config = { ...base, operation, attributes };
        const out = encoded(
          config,
          columns.slice(0, cut),
          rows.map((row) => row.slice(0, cut)),
        );
        expect(out.faults).toEqual([]);
        fragments(out).forEach((fragment, i) => {
          expect(withoutJunk(bySdk(operation, rows[i]!), fragment.length)).toEqual(fragment);
        });
      }),
    );
  });

  it('update: are those of the SDK, nulls as removals, which the SDK puts last', () => {
    fc.assert(
      fc.property(anyRow, fc.nat(5), (row, nulls) => {
        const ordered = row.map((value, i) => (i < 3 || i < 8 - nulls ? value : null));
        const filled = ordered.map((value, i) => (value === null && i < 8 - nulls ? samples[i]! : value));
        const out = encoded({ ...base, operation: 'update' }, columns, [filled]);
        expect(out.faults).toEqual([]);
        const [fragment] = fragments(out);
        expect(withoutJunk(bySdk('update', filled), fragment!.length)).toEqual(fragment);
      }),
    );
  });

  it('are the worked example of a key and a string with a version', () => {
    const config = {
      ...base,
      key: [{ name: 'pk' }],
      attributes: [{ name: 'c', type: 'STRING' }] as const,
      version: 1n,
    };
    const one: TableSchema = { table: 't', key: [{ name: 'pk', type: 'STRING' }], defined: [] };
    const source = columns.slice(0, 1).concat(columns[5]!);
    const encoder = new RowEncoder(fitLayout(config, one, source).columns, source, config, 'UTC');
    encoder.encode(new RowBlockBuilder(source).addRow(['a', 'x']).build());
    expect(encoder.rows.bytes.toString('hex', 0, encoder.rows.length)).toBe(
      '7500000001030402000000706b05060000000301000000610ad402030401000000630506000000030100000078070100000000000000' +
        '0a650930',
    );
  });

  it('have the key in the order of the table, whatever order the job has', () => {
    const source = [columns[2]!, columns[0]!, columns[1]!];
    const config = { ...base, key: [{ name: 'r' }, { name: 'p' }, { name: 'q' }], attributes: [] };
    const [fragment] = fragments(encoded(config, source, [[Buffer.of(1), 'a', 7n]]));
    expect(fragment).toEqual(bySdk('put', ['a', 7n, Buffer.of(1)]));
  });

  it('count names and values as the service does', () => {
    const { rows } = encoded({ ...base, version: 5n }, columns, [
      ['ab', 1n, Buffer.of(1), 1n, 1, '漢', true, null],
    ]);
    const names = 3 + 4;
    const values = 2 + 8 + 1 + (8 + 8 + 3 + 1);
    expect(rows.sizes[0]).toBe(names + values + 4 * 8);
  });

  it('keep NaN, infinities and the sign of zero', () => {
    const rows = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0].map(
      (d): CellValue[] => ['', 0n, Buffer.alloc(0), null, d, null, null, null],
    );
    const found = fragments(encoded(base, columns, rows)).map((row) => row.readDoubleLE(row.length - 12));
    expect(found).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
  });
});

const samples: readonly CellValue[] = ['p', 1n, Buffer.of(1), 2n, 0.5, 's', true, Buffer.of(2)];

describe('integers of text', () => {
  it('become the same 64 bits', () => {
    const out = Buffer.alloc(8);
    fc.assert(
      fc.property(fc.oneof(int64, fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n })), (value) => {
        const digits = Buffer.from(` ${value} `);
        writeDecimalInt64(digits, 1, digits.length - 1, out, 0);
        expect(out.readBigInt64LE()).toBe(value);
      }),
    );
  });
});

describe('batches', () => {
  it('hold every row once, in order, within both limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 120 }),
        (sizes, maxRows, maxBytes) => {
          const { rows } = encoded(base, columns, []);
          rows.sizes.set(sizes);
          const all = sizes.map((_, i) => i);
          const batches = [...batchesOf(rows, all, maxRows, maxBytes)];
          expect(batches.flat()).toEqual(all);
          for (const batch of batches) {
            const bytesOf = batch.reduce((sum, i) => sum + sizes[i]!, 0);
            expect(batch.length).toBeGreaterThan(0);
            expect(batch.length).toBeLessThanOrEqual(maxRows);
            expect(batch.length === 1 || bytesOf <= maxBytes).toBe(true);
          }
        },
      ),
    );
  });

  it('have the lengths of their parts, short and long', () => {
    const out = encoded(base, columns, [
      ['a', 1n, Buffer.of(1), null, null, 'x'.repeat(20_000), null, null],
      ['b', 1n, Buffer.of(1), null, null, null, null, null],
    ]);
    const [long, short] = fragments(out);
    const body = batchBody('t', 'update', out.rows, [1, 0]);
    const field = (key: number, content: Buffer): Buffer =>
      Buffer.concat([Buffer.of(key), varint(content.length), content]);
    const row = (change: Buffer): Buffer =>
      field(0x12, Buffer.concat([Buffer.of(0x08, 2), field(0x12, change), Buffer.of(0x1a, 2, 0x08, 0)]));
    const table = Buffer.concat([field(0x0a, Buffer.from('t')), row(short!), row(long!)]);
    expect(body).toEqual(field(0x0a, table));
  });
});

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Buffer.from([...out, rest]);
}
