import { z } from 'zod';
import { CastCell } from '../../convert/index.ts';
import { AssertionError, SyncError } from '../../errors/index.ts';
import { Form } from '../../types/index.ts';
import { type FieldCast, fieldCast } from './field-cast.ts';
import type { FormatLayout } from './format-reader.ts';
import type { FieldColumn, TextReadFormat } from './read-format.ts';
import { type SourceCharset, sourceCharset } from './source-charset.ts';

/** A column and the field or constant that it is filled from. */
export interface BoundColumn {
  /** Position of the field in the record; -1 for constants. */
  readonly index: number;
  readonly cast: FieldCast;
  /** The cell of a constant; without bytes it is null. */
  readonly constant?: { readonly bytes: Uint8Array | undefined };
}

/** What the first object of a job says about all of them. */
export interface FileShape {
  /** Names in the header, if there is one. */
  readonly names?: readonly string[] | undefined;
  /** Fields of every record, where the job asks for all of them. */
  readonly width?: number | undefined;
}

const shape = z.strictObject({
  v: z.literal(1),
  names: z.array(z.string()).optional(),
  width: z.int().positive().optional(),
});

/** Reads the shape from the text of a layout. @throws AssertionError */
export function decodeShape(text: string): FileShape {
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new AssertionError('the layout of an object cannot be read', {}, { cause: error });
  }
}

/** Binds the columns of the job to the fields of files of this shape. @throws SyncError SRC-2018, CNV-30xx */
export function bindColumns(
  format: TextReadFormat,
  file: FileShape,
  timeZone: string,
): readonly BoundColumn[] {
  const charset = sourceCharset(format.encoding);
  const columns = format.columns ?? allFields(file);
  return columns.map((column, i) => bindColumn(column, i, { format, file, timeZone, charset }));
}

/** The layout of files of this shape. */
export function layoutOf(format: TextReadFormat, file: FileShape, timeZone: string): FormatLayout {
  const bound = bindColumns(format, file, timeZone);
  const columns = format.columns ?? allFields(file);
  return {
    columns: bound.map(({ cast }) => cast.column),
    sourceTypes: columns.map(describeSource),
    text: JSON.stringify({ v: 1, ...file }),
  };
}

function allFields({ width = 0, names }: FileShape): readonly FieldColumn[] {
  return Array.from({ length: width }, (_, index) => ({
    index,
    type: 'string',
    ...(names?.[index] !== undefined && { name: names[index] }),
  }));
}

function describeSource({ index, name, value, type, format }: FieldColumn): string {
  if (value !== undefined) return `${type} constant`;
  const place = index === undefined ? `field ${name}` : `field ${index}`;
  return format === undefined ? `${type}, ${place}` : `${type} ${format}, ${place}`;
}

interface BindContext {
  readonly format: TextReadFormat;
  readonly file: FileShape;
  readonly timeZone: string;
  readonly charset: SourceCharset;
}

function bindColumn(column: FieldColumn, position: number, context: BindContext): BoundColumn {
  const { format, file, timeZone, charset } = context;
  const name = column.name ?? `c${column.index ?? position}`;
  if (column.value !== undefined) {
    const cast = fieldCast(column, name, format, sourceCharset('UTF-8'), timeZone);
    return { index: -1, cast, constant: { bytes: constantBytes(column.value, cast, format) } };
  }
  const cast = fieldCast(column, name, format, charset, timeZone);
  return { index: column.index ?? indexOf(column.name, file), cast };
}

function indexOf(name: string | undefined, { names = [] }: FileShape): number {
  const found = names.flatMap((candidate, i) => (candidate === name ? [i] : []));
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? 'does not occur' : `occurs ${found.length} times`;
  throw new SyncError('SRC-2018', 'config', `the column \`${name}\` ${what} in the header of the object`);
}

/** As in DataX, a constant that equals `nullFormat` is null. */
function constantBytes(
  value: string,
  { cast, form }: FieldCast,
  format: TextReadFormat,
): Uint8Array | undefined {
  if (value === format.nullFormat) return undefined;
  const source = Buffer.from(value, 'utf8');
  if (cast === undefined) return source;
  const out = new CastCell();
  const code = cast(source, 0, source.length, out);
  if (code) throw new SyncError(code, 'config', 'the value of a constant column is not of its type');
  if (form === Form.bool) return Uint8Array.of(out.text() === '1' ? 1 : 0);
  return Uint8Array.from(out.bytes.subarray(out.start, out.end));
}
