import { z } from 'zod';

/** A whole number, or its text as generated jobs write it. */
export function wholeNumber(min: number, max: number, unit = '') {
  const error = `must be a whole number${unit} from ${min} to ${max}`;
  const bounded = z.int({ error }).min(min, { error }).max(max, { error });
  const text = z.string().regex(/^\d{1,10}$/, { error });
  return z.union([bounded, text.transform(Number).pipe(bounded)], { error });
}
