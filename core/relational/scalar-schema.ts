/** Scalars of job files: generated jobs write numbers and switches as text. */
import { z } from 'zod';

/** A whole number, or its text. */
export function wholeNumber(min: number, max: number, unit = '') {
  const error = `must be a whole number${unit} from ${min} to ${max}`;
  const bounded = z.int({ error }).min(min, { error }).max(max, { error });
  const text = z.string().regex(/^\d{1,15}$/, { error });
  return z.union([bounded, text.transform(Number).pipe(bounded)], { error });
}

/** A switch, or its text in any case. */
export const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], {
  error: 'must be true or false',
});

/** One text, or a list of them; job files use both for tables, columns and statements. */
export const textList = z.union([z.string().transform((one) => [one]), z.array(z.string())], {
  error: 'must be a text or a list of texts',
});
