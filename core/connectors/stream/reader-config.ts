import { z } from 'zod';
import { datePatternFault } from '../../formats/index.ts';
import {
  type CellSource,
  constantSource,
  DEFAULT_DATE_FORMAT,
  GENERATED_TYPES,
  randomSource,
} from './cells.ts';

/** A generated column. */
export interface GeneratedColumn extends CellSource {
  readonly name: string;
}

/** Resolved parameters of the reader. */
export interface StreamReaderConfig {
  readonly columns: readonly GeneratedColumn[];
  /** Rows of each shard. */
  readonly sliceRecordCount: number;
}

const scalar = z.union([z.string(), z.number().transform(String), z.boolean().transform(String)]);

const column = z
  .strictObject({
    name: z.string().min(1).optional(),
    type: z.enum(GENERATED_TYPES).optional(),
    value: scalar.optional(),
    random: z.string().optional(),
    dateFormat: z.string().optional(),
  })
  .transform((raw, context): Omit<GeneratedColumn, 'name'> & { readonly name: string | undefined } => {
    const dateFormat = raw.dateFormat || DEFAULT_DATE_FORMAT;
    const patternFault = datePatternFault(dateFormat);
    const refuse = (path: string, message: string): never => {
      context.addIssue({ code: 'custom', path: [path], message: `${path} ${message}` });
      return z.NEVER;
    };
    if (patternFault) return refuse('dateFormat', patternFault);
    const type = raw.type ?? 'string';
    try {
      // As in DataX, a constant wins when both are given.
      if (raw.value !== undefined) return { name: raw.name, ...constantSource(type, raw.value, dateFormat) };
      if (raw.random !== undefined) return { name: raw.name, ...randomSource(type, raw.random, dateFormat) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return refuse(raw.value === undefined ? 'random' : 'value', error.message);
    }
    return refuse('value', 'or random is needed');
  });

/** Parameters of the reader as job files write them. */
export const streamReaderSchema = z
  .strictObject({
    column: z.array(column).min(1),
    sliceRecordCount: z.union([
      z.int().positive(),
      z
        .string()
        .regex(/^[1-9]\d{0,14}$/)
        .transform(Number),
    ]),
  })
  .transform(
    (raw): StreamReaderConfig => ({
      columns: raw.column.map((source, i) => ({ ...source, name: source.name ?? `c${i}` })),
      sliceRecordCount: raw.sliceRecordCount,
    }),
  );
