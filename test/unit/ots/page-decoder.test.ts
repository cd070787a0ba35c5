import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OtsColumn } from '../../../core/connectors/ots/column-schema.ts';
import { PageDecoder } from '../../../core/connectors/ots/plain-buffer/page-decoder.ts';
import { projectColumns } from '../../../core/connectors/ots/projection.ts';
import type { ProtocolFault, TableSchema, Value } from '../../../core/tablestore/index.ts';
import { cellValue } from '../../../core/types/index.ts';
import { type SampleRow, type SdkRow, sdkDecode, sdkPage } from './sdk-page.ts';

const schema: TableSchema = {
  table: 't',
  key: [
    { name: 'uid', type: 'INTEGER' },
    { name: 'name', type: 'STRING' },
    { name: 'hash', type: 'BINARY' },
  ],
  defined: [],
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const named = (...names: string[]): OtsColumn[] => names.map((name) => ({ kind: 'name', name }));

function decoderOf(columns: readonly OtsColumn[]): PageDecoder {
  return new PageDecoder(schema, projectColumns(columns, schema, true));
}

function decode(columns: readonly OtsColumn[], rows: readonly SampleRow[]): unknown[][] {
  return table(decoderOf(columns), sdkPage(schema, rows));
}

/** All cells as plain values. */
function table(decoder: PageDecoder, page: Buffer): unknown[][] {
  const { block } = decoder.decode(page);
  return Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_, column) => plain(cellValue(block, row, column))),
  );
}

const plain = (value: unknown): unknown => (value instanceof Uint8Array ? [...value] : value);

const key = [7n, 'ann', bytes(0, 255)];

describe('cells', () => {
  test.each<[string, Value]>([
    ['smallest integer', -(2n ** 63n)],
    ['largest integer', 2n ** 63n - 1n],
    ['integer beyond a double', 9007199254740993n],
    ['zero', 0n],
    ['double', -1.5e-300],
    ['not a number', Number.NaN],
    ['negative zero', -0],
    ['true', true],
    ['false', false],
    ['empty string', ''],
    ['text beyond the basic plane', 'a\u0000é😀'],
    ['empty bytes', bytes()],
    ['bytes', bytes(0, 1, 254, 255)],
  ])('%s', (_, value) => {
    expect(decode(named('c'), [{ key, cells: [['c', value]] }])).toEqual([[plain(value)]]);
  });

  test('key columns in any place, an attribute that is missing, and the same column twice', () => {
    const columns = named('b', 'hash', 'uid', 'none', 'b', 'name', 'uid');
    const rows = [
      {
        key,
        cells: [
          ['a', 1n],
          ['b', 'x'],
        ] as const,
      },
    ];
    expect(decode(columns, rows)).toEqual([['x', [0, 255], 7n, null, 'x', 'ann', 7n]]);
  });

  test('constants of every type stand in every row', () => {
    const columns: OtsColumn[] = [
      { kind: 'constant', type: 'string', value: 'é' },
      { kind: 'constant', type: 'int', value: -5n },
      { kind: 'name', name: 'c' },
      { kind: 'constant', type: 'double', value: 0.5 },
      { kind: 'constant', type: 'bool', value: true },
      { kind: 'constant', type: 'binary', value: bytes(9) },
      { kind: 'constant', type: 'string', value: '' },
    ];
    const row = ['é', -5n, 1n, 0.5, true, [9], ''];
    const cells = [['c', 1n]] as const;
    expect(
      decode(columns, [
        { key, cells },
        { key, cells },
      ]),
    ).toEqual([row, row]);
  });

  test('rows may lack columns, have others, and bring them in any order', () => {
    const rows: SampleRow[] = [
      {
        key,
        cells: [
          ['a', 1n],
          ['b', 2n],
          ['c', 3n],
        ],
      },
      { key, cells: [] },
      { key, cells: [['c', 3n]] },
      {
        key,
        cells: [
          ['x', 0n],
          ['b', 2n],
          ['y', 0n],
          ['z', 0n],
        ],
      },
      {
        key,
        cells: [
          ['c', 3n],
          ['a', 1n],
        ],
      },
      {
        key,
        cells: [
          ['a', 1n],
          ['b', 2n],
          ['c', 3n],
        ],
      },
    ];
    expect(decode(named('a', 'b', 'c'), rows)).toEqual([
      [1n, 2n, 3n],
      [null, null, null],
      [null, null, 3n],
      [null, 2n, null],
      [1n, null, 3n],
      [1n, 2n, 3n],
    ]);
  });

  test('of several versions the first stands', () => {
    expect(
      decode(named('a', 'b'), [
        {
          key,
          cells: [
            ['a', 3n],
            ['a', 2n],
            ['b', 1n],
          ],
        },
      ]),
    ).toEqual([[3n, 1n]]);
  });

  test('only keys and constants', () => {
    expect(decode(named('uid'), [{ key, cells: [] }])).toEqual([[7n]]);
  });

  test('no bytes are no rows', () => {
    expect(decoderOf(named('a')).decode(Buffer.alloc(0)).block.rowCount).toBe(0);
  });

  test('pages larger than the room made at first', () => {
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      key: [BigInt(i), `n${i}`, bytes()],
      cells: [['a', `v${i}`]] as const,
    }));
    const decoded = decode(named('uid', 'a'), rows);
    expect(decoded).toHaveLength(3000);
    expect(decoded[2999]).toEqual([2999n, 'v2999']);
  });

  test('cells are views of the answer', () => {
    const page = sdkPage(schema, [{ key, cells: [['c', 'text']] }]);
    expect(decoderOf(named('c')).decode(page).block.bytes.buffer).toBe(page.buffer);
  });

  test('names the key of a row in words', () => {
    const { keys } = decoderOf(named('c')).decode(sdkPage(schema, [{ key, cells: [] }]));
    expect(keys.describe(0)).toBe('uid=7, name="ann", hash=0x00ff');
  });
});

describe('damage', () => {
  const rows: SampleRow[] = [
    {
      key,
      cells: [
        ['a', 1n],
        ['b', 'text of some length'],
        ['c', true],
      ],
    },
    {
      key,
      cells: [
        ['a', 2n],
        ['b', 'x'],
        ['c', 1.5],
      ],
    },
  ];
  const good = sdkPage(schema, rows);

  test('every single flipped bit is noticed', () => {
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = Buffer.from(good);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decoderOf(named('a', 'b', 'c')).decode(bad), `bit ${bit}`).toThrow(/ at byte \d+$/);
    }
  });

  test('every cut that is not between rows is noticed', () => {
    const firstRow = sdkPage(schema, rows.slice(0, 1)).length;
    for (let length = 1; length < good.length; length++) {
      if (length === 4 || length === firstRow) continue;
      expect(() => decoderOf(named('b')).decode(good.subarray(0, length)), `${length} bytes`).toThrow();
    }
  });

  test('a delete marker and a cell operation have no place in a page', () => {
    const row = sdkPage(schema, [{ key, cells: [] }]);
    const deleted = Buffer.concat([row.subarray(0, -2), Buffer.from([0x08, 0x09, 0x00])]);
    expect(() => decoderOf(named('a')).decode(deleted)).toThrow('unexpected tag');
  });

  test('a key unlike the schema', () => {
    const other = {
      ...schema,
      key: [schema.key[0]!, { name: 'nome', type: 'STRING' as const }, schema.key[2]!],
    };
    expect(() => decoderOf(named('a')).decode(sdkPage(other, [{ key, cells: [] }]))).toThrow(
      'unlike the schema',
    );
    const page = sdkPage(schema, [{ key: ['7', 'ann', bytes()], cells: [] }]);
    expect(() => decoderOf(named('a')).decode(page)).toThrow('unlike the schema');
  });

  test('the fault tells the byte', () => {
    const bad = Buffer.from(good);
    bad[bad.length - 1]! ^= 1;
    let fault: ProtocolFault | undefined;
    try {
      decoderOf(named('a')).decode(bad);
    } catch (error) {
      fault = error as ProtocolFault;
    }
    expect(fault?.offset).toBe(bad.length - 2);
  });

  test('an extension is passed over, known parts and unknown ones', () => {
    const row = sdkPage(schema, [{ key, cells: [['a', 1n]] }]);
    const extension = Buffer.from(
      '0b180000000c130000000d000000000e00401e18240a06000f07000000f002000000abcd',
      'hex',
    );
    const page = Buffer.concat([row.subarray(0, -2), extension, row.subarray(-2)]);
    expect(table(decoderOf(named('a')), page)).toEqual([[1n]]);
  });
});

describe('against the SDK decoder', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const value = fc.oneof(int64, text, fc.double(), fc.boolean(), fc.uint8Array({ maxLength: 30 }));
  const cell = fc.tuple(fc.constantFrom('a', 'ab', 'b', 'c', 'cc', 'd', 'long_attribute_name'), value);
  const row = fc.record({
    key: fc.tuple(int64, text, fc.uint8Array({ maxLength: 20 })),
    cells: fc.uniqueArray(cell, { selector: ([name]) => name, maxLength: 7 }),
  });
  const wanted = ['c', 'uid', 'a', 'hash', 'long_attribute_name', 'name', 'nothing'];

  /** A value of the SDK in our terms: its 64-bit integers know their exact text. */
  const fromSdk = (v: unknown): unknown => {
    if (v === undefined) return null;
    if (v instanceof Uint8Array) return [...v];
    return typeof v === 'object' ? BigInt(String(v)) : v;
  };
  const cellOf = (r: SdkRow, name: string): unknown => {
    const inKey = r.primaryKey.find((c) => c.name === name);
    if (inKey) return fromSdk(inKey.value);
    return fromSdk(r.attributes.find((c) => c.columnName === name)?.columnValue);
  };

  test('the same values from random rows', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
        const page = sdkPage(schema, rows);
        const expected = sdkDecode(page).map((r) => wanted.map((name) => cellOf(r, name)));
        expect(table(decoderOf(named(...wanted)), page)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});
