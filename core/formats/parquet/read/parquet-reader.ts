import { SyncError } from '../../../errors/index.ts';
import type { Column } from '../../../types/index.ts';
import type {
  ByteRange,
  FormatBatch,
  FormatLayout,
  FormatReader,
  ObjectBytes,
} from '../../read/format-reader.ts';
import { damaged, wellFormed } from './damage.ts';
import { type FileColumn, fileColumns, type RefusedColumn } from './file-column.ts';
import { decodeMetadata, type FileMetadata, metadataLength, TAIL_BYTES } from './file-metadata.ts';
import { RowGroupReader } from './row-group-reader.ts';

/** Which column of the files is read: by its name, or by its place among the columns at the top, from 0. */
export type ColumnChoice = { readonly name: string } | { readonly index: number };

/** How files are read. */
export interface ParquetReadFormat {
  /** Absent = all. */
  readonly columns?: readonly ColumnChoice[];
}

/** Where a row stands: its row group, and the rows of it before. */
interface Position {
  readonly v: 1;
  readonly group: number;
  readonly row: number;
  /** Byte at which the row group begins. */
  readonly byte: number;
}

/**
 * Reads Parquet files. Row groups belong to the range in which they begin, so files can be cut anywhere; the end of
 * the file is read for each range.
 */
export class ParquetReader implements FormatReader {
  readonly cuttable = true;
  readonly #format: ParquetReadFormat;
  readonly #timeZone: string;

  /** `timeZone`: in which instants are shown. */
  constructor(format: ParquetReadFormat, timeZone: string) {
    this.#format = format;
    this.#timeZone = timeZone;
  }

  async layout(first: ObjectBytes | undefined): Promise<FormatLayout> {
    if (!first) throw new SyncError('SRC-2050', 'config', 'the columns are not known: there is no object');
    const { schema } = await readMetadata(first);
    const columns = this.#choose(schema);
    return {
      columns: columns.map(({ column }) => column),
      sourceTypes: columns.map(({ described }) => described),
      text: JSON.stringify({ v: 1 }),
    };
  }

  byteOf(position: string): number {
    return decodePosition(position).byte;
  }

  async *read(
    object: ObjectBytes,
    layout: FormatLayout,
    range: ByteRange,
    from: string | undefined,
  ): AsyncGenerator<FormatBatch, void, void> {
    const { schema, rowGroups } = await readMetadata(object);
    const columns = this.#choose(schema);
    requireSame(layout.columns, columns);
    const start = from === undefined ? undefined : decodePosition(from);
    for (const [group, place] of rowGroups.entries()) {
      if (place.from < range.from || place.from >= range.to || (start && group < start.group)) continue;
      let row = start?.group === group ? start.row : 0;
      if (row === place.rowCount) continue;
      const reader = await RowGroupReader.open(
        place,
        columns,
        (at, to) => readBytes(object, at, to),
        this.#timeZone,
      );
      if (row > 0) await reader.skip(row);
      for (let block = await reader.next(); block; block = await reader.next()) {
        const first = row;
        row += block.rowCount;
        yield {
          block,
          refused: [],
          position: encodePosition({ v: 1, group, row, byte: place.from }),
          placeOf: (index) => `row ${first + index + 1} of row group ${group + 1}`,
        };
      }
    }
  }

  /** @throws SyncError SRC-2051 that names every chosen column which cannot be read. */
  #choose(schema: FileMetadata['schema']): readonly FileColumn[] {
    const all = fileColumns(schema);
    const chosen = this.#format.columns?.map((choice) => find(all, choice)) ?? all;
    const refused = chosen.filter((column): column is RefusedColumn => 'refused' in column);
    if (refused.length > 0 || chosen.length === 0) {
      const words = refused.map(({ name, refused: why }) => `${name}: ${why}`).join('; ');
      throw new SyncError('SRC-2051', 'config', words || 'the file has no columns');
    }
    return chosen.filter((column): column is FileColumn => !('refused' in column));
  }
}

function find(
  all: readonly (FileColumn | RefusedColumn)[],
  choice: ColumnChoice,
): FileColumn | RefusedColumn {
  if ('index' in choice) {
    return (
      all[choice.index] ?? { name: `column ${choice.index}`, refused: `there are only ${all.length} columns` }
    );
  }
  const named = all.filter(({ name }) => name === choice.name);
  if (named.length === 1) return named[0]!;
  return {
    name: choice.name,
    refused: named.length === 0 ? 'there is no such column' : 'the name is there twice',
  };
}

/** The files of a job have the same columns: what the first one says is what the target was planned for. */
function requireSame(planned: readonly Column[], columns: readonly FileColumn[]): void {
  const same =
    planned.length === columns.length &&
    planned.every((plan, i) => {
      const { name, type, facts } = columns[i]!.column;
      const { scale, zoned, precision } = plan.facts ?? {};
      const fits =
        (facts?.precision ?? 0) <= (precision ?? 0) && facts?.scale === scale && facts?.zoned === zoned;
      return name === plan.name && type === plan.type && fits;
    });
  if (!same) throw new SyncError('SRC-2051', 'config', 'the columns differ from those of the first file');
}

async function readMetadata(object: ObjectBytes): Promise<FileMetadata> {
  wellFormed(object.size >= TAIL_BYTES, 'it is too short');
  const tail = await readBytes(object, object.size - TAIL_BYTES, object.size);
  const length = metadataLength(tail, object.size);
  const to = object.size - TAIL_BYTES;
  return decodeMetadata(await readBytes(object, to - length, to), object.size);
}

async function readBytes(object: ObjectBytes, from: number, to: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of object.stream(from, to)) pieces.push(piece);
  const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  wellFormed(bytes.length === to - from, 'the file is shorter than before');
  return bytes;
}

const encodePosition = (position: Position): string => JSON.stringify(position);

function decodePosition(text: string): Position {
  const position = JSON.parse(text) as Partial<Position>;
  const { v, group, row, byte } = position;
  if (v !== 1 || group === undefined || row === undefined || byte === undefined)
    throw damaged('a position of another version');
  return { v, group, row, byte };
}
