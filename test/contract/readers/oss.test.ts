import { gzipSync } from 'node:zlib';
import { startBucket } from '../../integration/oss-reader/source-bucket.ts';
import { describeReaderContract } from './reader-contract.ts';

const ROWS = 12_345;
const rows = Array.from({ length: ROWS }, (_, i) => [
  String(i),
  `v"${i}\n,`,
  i % 7 === 0 ? 'null' : 'x'.repeat(1 + (i % 90)),
]);
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const csv = (some: readonly (readonly string[])[]): string =>
  some.map((row) => `${row.map((cell) => (cell === 'null' ? '' : quoted(cell))).join(',')}\n`).join('');

/** A bucket with these objects, read with these parameters. */
const harnessOf = (
  objects: Readonly<Record<string, string | Buffer>>,
  params: Readonly<Record<string, unknown>>,
  expected: readonly (readonly string[])[],
) =>
  async function start() {
    const bucket = await startBucket();
    for (const [key, content] of Object.entries(objects)) await bucket.put(key, content);
    return { open: () => bucket.open(params), expected, close: async () => bucket[Symbol.asyncDispose]() };
  };

const thirds = [rows.slice(0, 4000), rows.slice(4000, 4001), rows.slice(4001)];

describeReaderContract(
  'oss, csv with cells of several lines',
  harnessOf(
    { 'in/a.csv': csv(thirds[0]!), 'in/b.csv': csv(thirds[1]!), 'in/c.csv': csv(thirds[2]!), 'in/d.csv': '' },
    { object: 'in/*.csv', nullFormat: '' },
    rows,
  ),
);

describeReaderContract(
  'oss, gzip with headers',
  harnessOf(
    {
      'in/a.csv.gz': gzipSync(`n,text,more\n${csv(thirds[0]!)}`),
      'in/b.csv.gz': Buffer.concat([
        gzipSync('n,text,more\n'),
        gzipSync(csv(thirds[1]!)),
        gzipSync(csv(thirds[2]!)),
      ]),
    },
    {
      object: ['in/a.csv.gz', 'in/b.csv.gz'],
      nullFormat: '',
      compress: 'gzip',
      skipHeader: true,
      column: [{ name: 'n', type: 'long' }, { name: 'text' }, { index: 2, type: 'string' }],
    },
    rows,
  ),
);

const wide = Array.from({ length: 6_000 }, (_, i) => [String(i), 'y'.repeat(1000)]);

describeReaderContract(
  'oss, text that is cut inside',
  harnessOf(
    { 'in/big.txt': wide.map((row) => `${row.join('|')}\n`).join('') },
    {
      object: ['in/big.txt'],
      fileFormat: 'text',
      fieldDelimiter: '|',
      column: [{ index: 0, type: 'long' }, { index: 1 }],
    },
    wide,
  ),
);
