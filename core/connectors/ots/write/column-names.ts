/** zod schemas of `primaryKey` and `column` of the writer. */
import { z } from 'zod';
import type { DefinedType, KeyType } from '../../../tablestore/index.ts';

/** A key column as the job names it; without a type it is the table's. */
export interface NamedKey {
  readonly name: string;
  readonly type?: KeyType;
}

/** An attribute as the job names it. */
export interface NamedAttribute {
  readonly name: string;
  readonly type: DefinedType;
}

const KEY_TYPES: Readonly<Record<string, KeyType>> = { string: 'STRING', int: 'INTEGER', binary: 'BINARY' };
const ATTRIBUTE_TYPES: Readonly<Record<string, DefinedType>> = {
  ...KEY_TYPES,
  double: 'DOUBLE',
  bool: 'BOOLEAN',
};

/** The service allows no other names. */
const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,254}$/, 'is not a column name of Tablestore')
  .describe('Name in the table.');

const typeOf = <T>(types: Readonly<Record<string, T>>) => {
  const error = `must be one of ${Object.keys(types).join(', ')}`;
  return z
    .string({ error })
    .trim()
    .toLowerCase()
    .refine((word) => Object.hasOwn(types, word), { error })
    .transform((word) => types[word]!)
    .describe(`In upper or lower case: ${Object.keys(types).join(', ')}.`);
};

/** A name, or a name and a type. */
export const namedKey = z.union([
  name.transform((text): NamedKey => ({ name: text })),
  z.strictObject({ name, type: typeOf(KEY_TYPES) }),
]);

/** A name and a type. */
export const namedAttribute = z.strictObject({ name, type: typeOf(ATTRIBUTE_TYPES) });
