/** The peer: columns of JavaScript values in memory into a Parquet file by hyparquet-writer. */
import { statSync } from 'node:fs';
import { compress, init } from '@bokuweb/zstd-wasm';
import { parquetWriteFile } from 'hyparquet-writer';
import { serveSubject } from '../child.ts';
import { COLUMNS } from '../relational/table.ts';
import { daysOf, hundredthsOf, type ParquetInput, readFields, sharedByText } from './lines.ts';

type Value = number | bigint | string;

const ROW_GROUP_ROWS = 250_000;
const ZSTD_LEVEL = 1;

const day = sharedByText(daysOf);
const text = (field: string): string => field;
const READERS: readonly ((field: string) => Value)[] = [
  BigInt,
  ...Array.from({ length: 3 }, () => Number),
  ...Array.from({ length: 4 }, () => hundredthsOf),
  text,
  text,
  ...Array.from({ length: 3 }, () => day),
  text,
  text,
  text,
];

const required = { repetition_type: 'REQUIRED' } as const;
const decimal = { type: 'INT64', converted_type: 'DECIMAL', precision: 15, scale: 2, ...required } as const;
const string = { type: 'BYTE_ARRAY', converted_type: 'UTF8', ...required } as const;
const date = { type: 'INT32', converted_type: 'DATE', ...required } as const;
const integer = { type: 'INT32', ...required } as const;
const ELEMENTS = [
  { type: 'INT64', ...required } as const,
  ...[integer, integer, integer],
  ...[decimal, decimal, decimal, decimal],
  ...[string, string],
  ...[date, date, date],
  ...[string, string, string],
];

serveSubject<ParquetInput>(async (input) => {
  await init();
  const data: Value[][] = COLUMNS.map(() => []);
  for await (const fields of readFields(input)) {
    for (let i = 0; i < data.length; i++) data[i]!.push(READERS[i]!(fields[i]!));
  }
  return async () => {
    parquetWriteFile({
      filename: input.target,
      columnData: COLUMNS.map((name, i) => ({ name, data: data[i]! })),
      schema: [
        { name: 'root', num_children: COLUMNS.length },
        ...COLUMNS.map((name, i) => ({ name, ...ELEMENTS[i]! })),
      ],
      codec: input.codec === 'zstd' ? 'ZSTD' : 'SNAPPY',
      compressors: { ZSTD: (bytes: Uint8Array) => compress(bytes, ZSTD_LEVEL) },
      rowGroupSize: ROW_GROUP_ROWS,
    });
    return { rows: input.rows, bytes: statSync(input.target).size };
  };
});
