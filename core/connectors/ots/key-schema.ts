/** zod schema of one range entry: `{"type": "INT", "value": "5"}`. */
import { z } from 'zod';
import { INF_MAX, INF_MIN, type KeyBound } from '../../tablestore/index.ts';
import { base64Bytes, int64 } from './literals.ts';

type Fault = { readonly path: 'type' | 'value'; readonly message: string };

const TYPES = 'INF_MIN, INF_MAX, STRING, INT or BINARY';

/** A bound of a range. Values are JSON strings for every type, so that 64-bit integers stay exact. */
export const keyBound = z
  .strictObject({
    type: z.string().describe(`${TYPES}; upper or lower case.`),
    value: z
      .string({ error: 'must be a JSON string, for INT too: write "5", not 5' })
      .optional()
      .describe('INT in decimal, STRING as it is, BINARY in Base64. Not needed for INF_MIN and INF_MAX.'),
  })
  .transform((entry, context): KeyBound => {
    const parsed = parseBound(entry.type.trim().toUpperCase(), entry.value);
    if (!isFault(parsed)) return parsed;
    context.issues.push({
      code: 'custom',
      input: entry,
      message: parsed.message,
      path: [parsed.path],
    });
    return z.NEVER;
  });

function parseBound(type: string, value: string | undefined): KeyBound | Fault {
  if (type === 'INF_MIN') return INF_MIN;
  if (type === 'INF_MAX') return INF_MAX;
  if (type !== 'STRING' && type !== 'INT' && type !== 'BINARY') {
    return { path: 'type', message: `must be ${TYPES}` };
  }
  if (value === undefined) return { path: 'value', message: `is required for type ${type}` };
  if (type === 'STRING') return value;
  if (type === 'INT') {
    return int64(value) ?? { path: 'value', message: 'must be a decimal integer of at most 64 bits' };
  }
  return base64Bytes(value) ?? { path: 'value', message: 'must be Base64' };
}

const isFault = (parsed: KeyBound | Fault): parsed is Fault =>
  typeof parsed === 'object' && !(parsed instanceof Uint8Array);
