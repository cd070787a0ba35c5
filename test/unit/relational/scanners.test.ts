/** The protocol scanners on bytes made here: any cut into chunks gives the same rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerFault } from '../../../core/connectors/mysql/errors.ts';
import { FieldKind } from '../../../core/connectors/mysql/read/field-kind.ts';
import { RowScanner } from '../../../core/connectors/mysql/read/row-scanner.ts';
import { CopyScanner } from '../../../core/connectors/postgresql/read/copy-scanner.ts';
import { BLOCK_ROWS } from '../../../core/relational/read/block-memories.ts';
import type { KeyColumn } from '../../../core/relational/read/key.ts';
import {
  type BlockPlan,
  type ColumnRule,
  makeBlock,
  RowBuffer,
} from '../../../core/relational/read/row-buffer.ts';
import type { KeyedBlock } from '../../../core/relational/read/source.ts';
import { type Column, cellValue, Form, type RowBlock } from '../../../core/types/index.ts';

const columns: readonly Column[] = ['a', 'b', 'c'].map((name) => ({ name, type: 'string' }));

/** Kinds of the fields of MySQL. */
const TEXTS = new Uint8Array(columns.length).fill(FieldKind.text);

type Row = readonly (string | null)[];
type Scanner = { scan(): void; readonly ended: boolean };

function scanAll(
  make: (buffer: RowBuffer) => Scanner,
  chunks: readonly Buffer[],
): { rows: Row[]; ended: boolean } {
  const buffer = new RowBuffer(columns.length);
  const scanner = make(buffer);
  const rows: Row[] = [];
  const take = (): void => {
    const { block } = makeBlock(buffer.takeRows(), { columns, rules: [], key: [], keyPlaces: [] });
    for (let row = 0; row < block.rowCount; row++)
      rows.push(columns.map((_, i) => cellValue(block, row, i) as string | null));
  };
  for (const chunk of chunks) {
    buffer.append(chunk);
    scanner.scan();
    while (buffer.full) {
      take();
      scanner.scan();
    }
  }
  if (buffer.rows > 0) take();
  return { rows, ended: scanner.ended };
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const bounds = [0, ...sorted, bytes.length];
  return bounds.slice(1).map((to, i) => Buffer.from(bytes.subarray(bounds[i], to)));
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\\N', '\\', '\t', '\n', '\\.', '', 'x'.repeat(300), 'y'.repeat(70_000)),
);
const rowsOf = fc.array(
  fc.array(
    fc.option(
      text.filter((t) => !t.includes('\0')),
      { nil: null },
    ),
    { minLength: 3, maxLength: 3 },
  ),
  { maxLength: 20 },
);
const places = fc.array(fc.nat(), { maxLength: 8 });

/** The answer of a MySQL server. */
function mysqlAnswer(rows: readonly Row[], longestPayload = 0xffffff): Buffer {
  let sequence = 1;
  const packet = (payload: Buffer): Buffer => {
    const header = Buffer.alloc(4);
    header.writeUIntLE(payload.length, 0, 3);
    header[3] = sequence++ & 255;
    return Buffer.concat([header, payload]);
  };
  const field = (value: string | null): Buffer => {
    if (value === null) return Buffer.from([0xfb]);
    const bytes = Buffer.from(value, 'utf8');
    const { length } = bytes;
    if (length < 251) return Buffer.concat([Buffer.from([length]), bytes]);
    if (length < 65536) return Buffer.concat([Buffer.from([0xfc, length & 255, length >> 8]), bytes]);
    if (length <= 0xffffff) {
      return Buffer.concat([Buffer.from([0xfd, length & 255, (length >> 8) & 255, length >> 16]), bytes]);
    }
    const long = Buffer.alloc(9, 0xfe);
    long.writeBigUInt64LE(BigInt(length), 1);
    return Buffer.concat([long, bytes]);
  };
  const end = Buffer.from([0xfe, 0, 0, 2, 0]);
  const definitions = columns.map(() => packet(Buffer.from('a definition is skipped')));
  const packets = rows.flatMap((row) => {
    const payload = Buffer.concat(row.map(field));
    const parts: Buffer[] = [];
    for (let at = 0; ; at += longestPayload) {
      parts.push(packet(payload.subarray(at, at + longestPayload)));
      if (payload.length - at < longestPayload) return parts;
    }
  });
  return Buffer.concat([
    packet(Buffer.from([columns.length])),
    ...definitions,
    packet(end),
    ...packets,
    packet(end),
  ]);
}

/** The answer of a PostgreSQL server to COPY. */
function copyAnswer(rows: readonly Row[]): Buffer {
  const message = (type: string, body: Buffer): Buffer => {
    const header = Buffer.alloc(5);
    header.write(type, 0, 'latin1');
    header.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([header, body]);
  };
  const letters: Readonly<Record<string, string>> = {
    '\b': '\\b',
    '\f': '\\f',
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\v': '\\v',
    '\\': '\\\\',
  };
  const field = (value: string | null): string =>
    value === null ? '\\N' : value.replace(/[\b\f\n\r\t\v\\]/g, (char) => letters[char]!);
  return Buffer.concat([
    message('H', Buffer.alloc(9)),
    message('N', Buffer.from('SNOTICE\0\0')),
    ...rows.map((row) => message('d', Buffer.from(`${row.map(field).join('\t')}\n`, 'utf8'))),
    message('c', Buffer.alloc(0)),
    message('C', Buffer.from('COPY 1\0')),
    message('Z', Buffer.from('I')),
  ]);
}

/** What UTF-8 makes of a text: half surrogates have no form. */
const asUtf8 = (rows: readonly Row[]): Row[] =>
  rows.map((row) => row.map((cell) => cell && Buffer.from(cell, 'utf8').toString('utf8')));

describe.each([
  ['MySQL', (buffer: RowBuffer) => new RowScanner(buffer, TEXTS), mysqlAnswer],
  ['PostgreSQL', (buffer: RowBuffer) => new CopyScanner(buffer), copyAnswer],
] as const)('rows of %s', (_name, make, answer) => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(rowsOf, places, (rows, at) => {
        const read = scanAll(make, cut(answer(rows), at));
        expect(read).toEqual({ rows: asUtf8(rows), ended: true });
      }),
    );
  });

  it('come in blocks of limited size', () => {
    const rows = Array.from({ length: BLOCK_ROWS + 1 }, (_, i): Row => [String(i), null, '']);
    const buffer = new RowBuffer(3);
    const scanner = make(buffer);
    buffer.append(answer(rows));
    scanner.scan();
    expect(buffer.rows).toBe(BLOCK_ROWS);
    buffer.takeRows();
    scanner.scan();
    expect([buffer.rows, scanner.ended]).toEqual([1, true]);
  });

  it('are not taken from bytes that break the protocol', () => {
    const short = answer([['a', 'b', 'c']]).toString('latin1');
    const broken = short.includes('a\tb') ? short.replace('a\tb', 'a.b') : short.replace('\x01b', '\x02b');
    expect(() => scanAll(make, [Buffer.from(broken, 'latin1')])).toThrow(
      expect.objectContaining({ code: 'SRC-2005' }),
    );
  });
});

describe('answers of MySQL', () => {
  it('may have a row that spans packets', () => {
    const large: Row = ['x'.repeat(0xffffff - 5), null, 'y'.repeat(20_000_000)];
    const exact: Row = ['z'.repeat(0xffffff - 4 - 2), '', ''];
    const bytes = mysqlAnswer([['1', '2', '3'], large, exact, ['4', null, '6']]);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
      bytes.subarray(i * 65_536, (i + 1) * 65_536),
    );
    const { rows, ended } = scanAll((buffer) => new RowScanner(buffer, TEXTS), chunks);
    const sizes = rows.map((row) => row.map((cell) => cell?.length));
    expect(sizes).toEqual([
      [1, 1, 1],
      [0xffffff - 5, undefined, 20_000_000],
      [0xffffff - 6, 0, 0],
      [1, undefined, 1],
    ]);
    expect(ended).toBe(true);
  });

  it('may be an error, before or after rows', () => {
    const error = Buffer.from('\x0d\x00\x00\x01\xff\x2d\x04#42S02gone', 'latin1');
    expect(() => scanAll((buffer) => new RowScanner(buffer, TEXTS), [error])).toThrow(
      expect.objectContaining({ errno: 1069, sqlState: '42S02', message: 'gone' }),
    );
  });

  it('must have the columns that were planned', () => {
    const other = Buffer.from([1, 0, 0, 1, 7]);
    expect(() => scanAll((buffer) => new RowScanner(buffer, TEXTS), [other])).toThrow(
      /7 columns instead of 3/,
    );
  });
});

describe('fields of MySQL', () => {
  const KINDS = Uint8Array.of(FieldKind.date, FieldKind.bytes, FieldKind.bool);
  const moment = fc.constantFrom(
    '0000-00-00',
    '0000-00-00 00:00:00',
    '0000-00-01',
    '0000-00-0',
    '2024-00-00',
    '',
  );
  const field = fc.option(fc.oneof(moment, text), { nil: null });
  const anyRows = fc.array(fc.tuple(field, field, field), { maxLength: 20 });

  const blockOf = (chunks: readonly Buffer[]): RowBlock => {
    const buffer = new RowBuffer(columns.length);
    const scanner = new RowScanner(buffer, KINDS);
    for (const chunk of chunks) {
      buffer.append(chunk);
      scanner.scan();
    }
    return makeBlock(buffer.takeRows(), { columns, rules: [], key: [], keyPlaces: [] }).block;
  };

  it('have the form of their column; a date that is none has none', () => {
    fc.assert(
      fc.property(anyRows, places, (rows, at) => {
        const { forms, starts, ends, bytes } = blockOf(cut(mysqlAnswer(rows), at));
        const cells = asUtf8(rows).flatMap(([date, ...rest]) => [
          date?.startsWith('0000-00-00') ? null : date,
          ...rest,
        ]);
        const wanted = cells.map((cell, i) => (cell == null ? Form.null : KINDS[i % 3]! & 0x7f));
        expect([...forms]).toEqual(wanted);
        const found = cells.map((_, i) => bytes.toString('utf8', starts[i], ends[i]));
        expect(found).toEqual(cells.map((cell) => cell ?? ''));
      }),
    );
  });

  it('stay inside of what came, whatever came', () => {
    fc.assert(
      fc.property(anyRows, fc.nat(), fc.nat(255), (rows, place, byte) => {
        const bytes = mysqlAnswer(rows);
        bytes[place % bytes.length] = byte;
        let block: RowBlock;
        try {
          block = blockOf([bytes]);
        } catch (error) {
          if (!(error instanceof ServerFault)) expect(error).toMatchObject({ code: 'SRC-2005' });
          return;
        }
        for (const [i, start] of block.starts.entries()) {
          expect(start).toBeLessThanOrEqual(block.ends[i]!);
          expect(block.ends[i]).toBeLessThanOrEqual(block.bytes.length);
        }
      }),
    );
  });
});

describe('blocks', () => {
  const answer = mysqlAnswer(Array.from({ length: 3 * BLOCK_ROWS }, (_, i): Row => [String(i), null, 'x']));
  const start = () => {
    const buffer = new RowBuffer(columns.length);
    const scanner = new RowScanner(buffer, TEXTS);
    buffer.append(answer);
    return (plan: Partial<BlockPlan> = {}) => {
      scanner.scan();
      return makeBlock(buffer.takeRows(), { columns, rules: [], key: [], keyPlaces: [], ...plan });
    };
  };
  const firstCell = ({ block }: KeyedBlock) => cellValue(block, 0, 0);

  it('stay as they are until they are given back, and their memory is then used once', () => {
    const next = start();
    const first = next();
    const second = next();
    expect([firstCell(first), firstCell(second)]).toEqual(['0', String(BLOCK_ROWS)]);
    first.release();
    // What was filled when the first came back goes on being filled.
    const third = next();
    first.release();
    expect([firstCell(second), firstCell(third)]).toEqual([String(BLOCK_ROWS), String(2 * BLOCK_ROWS)]);
  });

  it('take turns in two memories', () => {
    const next = start();
    const memories = Array.from({ length: 3 }, () => {
      const keyed = next();
      keyed.release();
      return keyed.block.bytes.buffer;
    });
    expect(new Set(memories).size).toBe(2);
  });

  it('keep the text of their keys when rules change the cells, or when keys are not shown', () => {
    const key: KeyColumn[] = [
      { name: 'a', kind: 'number', integer: true, nullable: false, serverType: 'int' },
    ];
    const emptied: ColumnRule = ({ starts, ends, first, step, rows }) => {
      for (let row = 0, cell = first; row < rows; row++, cell += step) ends[cell] = starts[cell]!;
    };
    const shown = start()({ key, keyPlaces: [0] });
    const changed = start()({ key, keyPlaces: [0], rules: [emptied] });
    const hidden = start()({ key, keyPlaces: [0], columns: columns.slice(1) });
    expect(firstCell(changed)).toBe('');
    for (const { keyOf } of [shown, changed]) expect(keyOf(4999)).toEqual(['4999']);
    expect(hidden.keyOf(4999)).toEqual(['4999']);
    const cells = [...hidden.block.forms.subarray(0, 4)];
    expect(cells).toEqual([Form.text, Form.null, Form.text, Form.null]);
  });
});

describe('answers of PostgreSQL', () => {
  it('may be an error, told once the server is ready again', () => {
    const body = Buffer.from('SERROR\0C22012\0Mdivision by zero\0\0');
    const header = Buffer.alloc(5);
    header.write('E');
    header.writeUInt32BE(body.length + 4, 1);
    const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x45]);
    const scan = () => scanAll((buffer) => new CopyScanner(buffer), [header, body, ready]);
    expect(scan).toThrow(expect.objectContaining({ sqlState: '22012', message: 'division by zero' }));
  });

  it('have no messages of other conversations', () => {
    expect(() => scanAll((buffer) => new CopyScanner(buffer), [Buffer.from([0x54, 0, 0, 0, 4])])).toThrow(
      /does not belong here/,
    );
  });
});
