import type { z } from 'zod';
import type { Code } from '../../errors/index.ts';
import { MASK } from '../../security/secret.ts';
import { childPath, describeValue } from '../json/node.ts';
import { nameHint } from '../near-name.ts';
import { parseScalarsFreely, STOCK_MESSAGE, valueAt } from './coercion.ts';
import { knownKeys } from './known-keys.ts';

/** A fault of a value, in words for people, with the path below the value that was checked. */
export interface Problem {
  readonly code: Code;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string;
  /** The key is at fault and not its value. */
  readonly atKey?: boolean;
}

/** The parsed value, or everything that is wrong with it. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** How to tell about values. */
export interface CheckOptions {
  /** Whether a value under this key must not be shown, however deep. */
  readonly isSecret: (key: string) => boolean;
  /** Keys allowed beside those of the schema, for suggestions. */
  readonly extraKeys?: readonly string[];
}

type Issue = z.core.$ZodIssue;

/** Checks a value by a schema, reading scalars by their text form. */
export function checkValue<T>(schema: z.ZodType<T>, input: unknown, options: CheckOptions): Checked<T> {
  const { result, input: read } = parseScalarsFreely(schema, input);
  if (result.success) return { ok: true, value: result.data };
  const teller = new Teller(schema, read, options);
  return { ok: false, problems: result.error.issues.flatMap((issue) => teller.problems(issue, [])) };
}

/** The part of a path for messages, for example `range.begin[0].type`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => childPath(text, typeof part === 'number' ? part : String(part)), '');

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

class Teller {
  readonly #schema: z.ZodType;
  readonly #input: unknown;
  readonly #options: CheckOptions;

  constructor(schema: z.ZodType, input: unknown, options: CheckOptions) {
    this.#schema = schema;
    this.#input = input;
    this.#options = options;
  }

  problems(issue: Issue, prefix: readonly PropertyKey[]): readonly Problem[] {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.#unknownKey(path, key));
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && STOCK_MESSAGE.test(issue.message)) {
      return this.#ofUnion(issue.errors, path);
    }
    return [this.#single(issue, path)];
  }

  /** The faults of the alternative that fits best: the one that is not of another type, with the fewest faults. */
  #ofUnion(alternatives: readonly (readonly Issue[])[], path: readonly PropertyKey[]): readonly Problem[] {
    const misfit = (issues: readonly Issue[]): number =>
      issues.length +
      (issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type') ? 1000 : 0);
    const sorted = alternatives.toSorted((a, b) => misfit(a) - misfit(b));
    const [best = []] = sorted;
    if (misfit(best) < 1000) return best.flatMap((issue) => this.problems(issue, path));
    const types = alternatives.flatMap((issues) =>
      issues.flatMap((issue) =>
        issue.code === 'invalid_type' && issue.path.length === 0 ? [issue.expected] : [],
      ),
    );
    return [this.#wrongType(path, [...new Set(types)])];
  }

  #unknownKey(path: readonly PropertyKey[], key: string): Problem {
    const extra = path.length === 0 ? (this.#options.extraKeys ?? []) : [];
    const known = [...knownKeys(this.#schema, path), ...extra];
    const message = `unknown key \`${pathText([...path, key])}\``;
    const hint = known.length > 0 ? { hint: nameHint(key, known) } : {};
    return { code: 'JOB-1004', path: [...path, key], message, atKey: true, ...hint };
  }

  #single(issue: Issue, path: readonly PropertyKey[]): Problem {
    const value = valueAt(this.#input, path);
    if (!STOCK_MESSAGE.test(issue.message)) return this.#written(issue, path, value);
    if (value === undefined && path.length > 0) return this.#missing(issue, path);
    switch (issue.code) {
      case 'invalid_type':
        return this.#wrongType(path, [issue.expected]);
      case 'invalid_value':
        return this.#notAllowed(
          path,
          `allowed: ${issue.values.map(String).join(', ')}`,
          issue.values.map(String),
        );
      case 'too_small':
      case 'too_big':
        return this.#notAllowed(path, sizeText(issue));
      case 'invalid_format':
        return this.#notAllowed(path, `it must be of the form ${issue.pattern ?? issue.format}`);
      case 'invalid_union': {
        const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
        return this.#notAllowed(
          path,
          options.length > 0 ? `allowed: ${options.join(', ')}` : 'no form fits',
          options,
        );
      }
      default:
        return this.#notAllowed(path, issue.message);
    }
  }

  /** A rule with its own words: about one value, or about several parameters together. */
  #written(issue: Issue, path: readonly PropertyKey[], value: unknown): Problem {
    const message = sentence(path, issue.message);
    const scalar = value !== undefined && value !== null && typeof value !== 'object';
    if (scalar) return { code: 'JOB-1007', path, message: `${message} (it is ${this.#show(path)})` };
    const absent = value === undefined && path.length > 0;
    return { code: absent ? 'JOB-1005' : 'JOB-1025', path, message };
  }

  #missing(issue: Issue, path: readonly PropertyKey[]): Problem {
    const wanted =
      issue.code === 'invalid_type'
        ? (TYPE_WORDS[issue.expected] ?? issue.expected)
        : issue.code === 'invalid_value'
          ? `one of ${issue.values.map(String).join(', ')}`
          : undefined;
    const message = `\`${pathText(path)}\` is missing`;
    return { code: 'JOB-1005', path, message, ...(wanted !== undefined && { hint: `it is ${wanted}` }) };
  }

  #wrongType(path: readonly PropertyKey[], expected: readonly string[]): Problem {
    const value = valueAt(this.#input, path);
    const words = expected.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
    const name = `\`${pathText(path)}\``;
    if (value === undefined)
      return { code: 'JOB-1005', path, message: `${name} is missing`, hint: `it is ${words}` };
    return { code: 'JOB-1006', path, message: `${name} must be ${words}, not ${this.#show(path)}` };
  }

  #notAllowed(path: readonly PropertyKey[], rule: string, choices: readonly string[] = []): Problem {
    const value = valueAt(this.#input, path);
    const near = typeof value === 'string' && choices.length > 0 ? nameHint(value, choices) : undefined;
    const message = `\`${pathText(path)}\` is ${this.#show(path)}; ${rule}`;
    return { code: 'JOB-1007', path, message, ...(near && { hint: near }) };
  }

  #show(path: readonly PropertyKey[]): string {
    if (path.some((part) => typeof part === 'string' && this.#options.isSecret(part))) return MASK;
    return describeValue(valueAt(this.#input, path));
  }
}

/** A schema's own words after the name of the parameter, which some of them repeat. */
function sentence(path: readonly PropertyKey[], message: string): string {
  if (path.length === 0) return message;
  const last = `${String(path.at(-1))}`;
  const rest = message.startsWith(last) ? message.slice(last.length).replace(/^:? /, '') : message;
  const verb = /^(is|are|must|needs?|has|have|says|can|cannot|does|should|lies|or)\b/.test(rest);
  return `\`${pathText(path)}\`${verb ? '' : ':'} ${rest}`;
}

function sizeText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [bound, limit] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
  const strict = issue.inclusive === false ? ' (not including it)' : '';
  if (issue.origin === 'string') return `at ${bound} ${limit} characters are allowed`;
  if (issue.origin === 'array') return `at ${bound} ${limit} entries are allowed`;
  return `at ${bound} ${limit} is allowed${strict}`;
}
