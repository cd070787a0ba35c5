import { stringify } from 'csv-stringify/sync';
import type { OtsColumn } from '../core/connectors/ots/column-schema.ts';
import { PageDecoder } from '../core/connectors/ots/plain-buffer/page-decoder.ts';
import { projectColumns } from '../core/connectors/ots/projection.ts';
import { ByteBuffer, createEncoder, DEFAULT_TEXT_FORMAT } from '../core/formats/index.ts';
import type { TableSchema } from '../core/tablestore/index.ts';
import { cellValue, type RowBlock } from '../core/types/index.ts';
import { COLUMNS, NULL_TEXT, sourceRow } from '../test/support/dataset.ts';
import { sdkDecode, sdkPage } from '../test/unit/ots/sdk-page.ts';
import type { BenchOptions } from './options.ts';
import { atLeast, type Figure, spread } from './report.ts';

const PAGE_ROWS = 5_000;
const ROUNDS = 15;
const BYTES_PER_MB = 1_000_000;

const schema: TableSchema = {
  table: 'everything',
  key: [
    { name: 'bucket', type: 'STRING' },
    { name: 'id', type: 'INTEGER' },
  ],
  defined: [],
};

/** The two inner loops on one full page: PlainBuffer to row block beside the SDK, row block to CSV beside csv-stringify. */
export async function benchCodecs(_options: BenchOptions): Promise<readonly Figure[]> {
  const rows = Array.from({ length: PAGE_ROWS }, (_, i) => sourceRow(i));
  const page = sdkPage(
    schema,
    rows.map(({ primaryKey, columns }) => ({ key: primaryKey, cells: columns })),
  );
  const columns: OtsColumn[] = COLUMNS.map((name) => ({ kind: 'name', name }));
  const decoder = new PageDecoder(schema, projectColumns(columns, schema, true));
  const { block } = decoder.decode(page);
  const encoder = createEncoder(
    { ...DEFAULT_TEXT_FORMAT, fileFormat: 'csv', nullFormat: NULL_TEXT, byteEncoding: 'base64' },
    block.columns,
  );
  const out = new ByteBuffer(8 * 1024 * 1024);
  const texts = textRows(block);
  const encode = (): void => {
    out.length = 0;
    encoder.encode(block, 0, block.rowCount, out);
  };
  const decoding = inTurns(
    () => decoder.decode(page),
    () => sdkDecode(page),
  );
  const encoding = inTurns(encode, () => stringify(texts));
  const bytes = out.length;
  const rowsPerSecond = (ms: number): number => PAGE_ROWS / (ms / 1000);
  const megabytes = (ms: number): number => bytes / BYTES_PER_MB / (ms / 1000);
  return [
    {
      name: 'PlainBuffer decoded, checksums verified',
      unit: 'rows/s',
      ...spread(decoding.ours.map(rowsPerSecond)),
    },
    { name: 'the same by the SDK', unit: 'rows/s', ...spread(decoding.theirs.map(rowsPerSecond)) },
    atLeast('times faster', '×', decoding.ratios, 5),
    { name: 'CSV encoded from row blocks', unit: 'MB/s', ...spread(encoding.ours.map(megabytes)) },
    {
      name: 'the same by csv-stringify from ready strings',
      unit: 'MB/s',
      ...spread(encoding.theirs.map(megabytes)),
    },
    { name: 'times faster', unit: '×', ...spread(encoding.ratios) },
  ];
}

/** What csv-stringify is given: the strings exist already, which the row blocks never need. */
const textRows = (block: RowBlock): string[][] =>
  Array.from({ length: block.rowCount }, (_, row) =>
    block.columns.map((_column, column) => {
      const value = cellValue(block, row, column);
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value ?? NULL_TEXT);
    }),
  );

/** Milliseconds of both, alternating after a warm-up, so that a busy machine disturbs both alike. */
function inTurns(ours: () => void, theirs: () => void) {
  const times: { ours: number[]; theirs: number[]; ratios: number[] } = { ours: [], theirs: [], ratios: [] };
  for (let round = -2; round < ROUNDS; round++) {
    const our = time(ours);
    const their = time(theirs);
    if (round < 0) continue;
    times.ours.push(our);
    times.theirs.push(their);
    times.ratios.push(their / our);
  }
  return times;
}

function time(work: () => void): number {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
}
