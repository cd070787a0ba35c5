/** zod schema of one entry of `column`: a name, or a constant. */
import { z } from 'zod';
import type { CellValue } from '../../types/index.ts';
import { base64Bytes, bool, float64, int64 } from './literals.ts';

/** A column of the table, or a value that every row gets. */
export type OtsColumn =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'constant'; readonly type: ConstantType; readonly value: NonNullable<CellValue> };

/** Types of constants as job files write them. */
export type ConstantType = 'string' | 'int' | 'double' | 'bool' | 'binary';

/** The service allows no other column names. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;

const PARSERS: Readonly<Record<ConstantType, (text: string) => NonNullable<CellValue> | undefined>> = {
  string: (text) => text,
  int: int64,
  double: float64,
  bool,
  binary: base64Bytes,
};

/** An object with a `name` is a column, whatever else it holds; without one it is a constant. */
export const otsColumn = z
  .strictObject({
    name: z
      .string()
      .regex(NAME, 'is not a column name of Tablestore')
      .optional()
      .describe('A key column or an attribute.'),
    type: z.string().optional().describe('Of a constant: string, int, double, bool or binary.'),
    value: z
      .string({ error: 'must be a JSON string, whatever the type' })
      .optional()
      .describe('Of a constant; binary in Base64.'),
  })
  .transform((entry, context): OtsColumn => {
    if (entry.name !== undefined) return { kind: 'name', name: entry.name };
    const parsed = parseConstant(entry.type, entry.value);
    if (typeof parsed === 'object') return parsed;
    context.issues.push({ code: 'custom', input: entry, message: parsed, path: [] });
    return z.NEVER;
  });

function parseConstant(type: string | undefined, text: string | undefined): OtsColumn | string {
  if (type === undefined || text === undefined) return 'needs a "name", or "type" and "value" for a constant';
  const known = type.trim().toLowerCase();
  if (!isConstantType(known)) return `type must be one of ${Object.keys(PARSERS).join(', ')}`;
  const value = PARSERS[known](text);
  return value === undefined ? `the value is not a valid ${known}` : { kind: 'constant', type: known, value };
}

const isConstantType = (text: string): text is ConstantType => Object.hasOwn(PARSERS, text);
