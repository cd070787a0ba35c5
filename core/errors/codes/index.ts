import { bugCodes } from './bug.ts';
import { cliCodes } from './cli.ts';
import { conversionCodes } from './conversion.ts';
import type { CodeSpec } from './define.ts';
import { jobCodes } from './job.ts';
import { policyCodes } from './policy.ts';
import { runCodes } from './run.ts';
import { sourceCodes } from './source.ts';
import { targetCodes } from './target.ts';

/** Every code there is. Codes are stable: a code is never reused for another meaning. */
export const codes = {
  ...cliCodes,
  ...jobCodes,
  ...sourceCodes,
  ...conversionCodes,
  ...targetCodes,
  ...runCodes,
  ...policyCodes,
  ...bugCodes,
};

/** A known error code, such as `JOB-1004`. */
export type Code = keyof typeof codes;

/** The text of a code, or `undefined` for an unknown one. */
export const findCode = (code: string): CodeSpec | undefined =>
  Object.hasOwn(codes, code) ? codes[code as Code] : undefined;

export type { CodeSpec } from './define.ts';
