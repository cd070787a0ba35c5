import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What the peers of the Parquet path are given. */
export interface ParquetInput {
  /** Lines as the MariaDB client writes them. */
  readonly textFile: string;
  /** The first so many rows. */
  readonly rows: number;
  readonly codec: 'snappy' | 'zstd';
  /** Where the file is written. */
  readonly target: string;
}

/** The fields of the first lines; the table holds nothing that is escaped. */
export async function* readFields({ textFile, rows }: ParquetInput): AsyncGenerator<readonly string[]> {
  let left = rows;
  const input = createReadStream(textFile, 'utf8');
  for await (const line of createInterface({ input })) {
    if (left-- === 0) break;
    yield line.split('\t');
  }
  input.destroy();
}

/** Days since 1970 of `YYYY-MM-DD`. */
export const daysOf = (date: string): number => Date.parse(date) / 86_400_000;

/** Hundredths of `12.34`. */
export const hundredthsOf = (decimal: string): bigint => BigInt(decimal.replace('.', ''));

/** One value per date, however often it stands in the table. */
export function sharedByText<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? make(text);
    known.set(text, found);
    return found;
  };
}
