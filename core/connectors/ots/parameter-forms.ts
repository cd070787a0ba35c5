/** Forms of parameters that reader and writer share. */
import { z } from 'zod';
import { wholeNumber } from './number-schema.ts';

/** DataX writes switches as JSON booleans and, in generated jobs, as text. */
export const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], {
  error: 'must be true or false',
});

/** A number of DataX that changes nothing here. */
export const unused = (why: string) =>
  wholeNumber(0, 1_000_000_000).optional().describe(`Accepted without effect: ${why}`);

/** A parameter that belongs to something that is not done here. */
export const refused = (why: string) => z.undefined({ error: why }).optional().describe(why);

/** A switch that must stay off. */
export const off = (what: string) =>
  flag
    .refine((on) => !on, { error: `${what} is not available yet` })
    .optional()
    .describe(`Only false: ${what} is not available yet.`);

/** The newest version of each attribute is the only mode. */
export const normalMode = z
  .string()
  .default('normal')
  .refine((mode) => mode.toLowerCase() === 'normal', { error: modeFault });

function modeFault(issue: { readonly input?: unknown }): string {
  const given = String(issue.input).toLowerCase();
  return given === 'multiversion' ? 'mode multiVersion is not available yet' : 'must be normal';
}
