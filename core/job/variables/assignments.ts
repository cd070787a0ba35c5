// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import type { Findings } from '../findings.ts';
import { nameHint } from '../near-name.ts';
import {
  builtins,
  type ClockUse,
  type Evaluated,
  evaluateBrace,
  evaluateBracket,
  foreignBuiltins,
} from '../time/expression.ts';
import type { ScheduleTime } from '../time/schedule.ts';

/** A name of a variable. */
export const VARIABLE_NAME = /^[A-Za-z_]\w*$/;

/** What was assigned, with how the brackets use the scheduled time. */
export interface Assigned {
  readonly values: ReadonlyMap<string, string>;
  readonly clockUses: readonly ClockUse[];
}

const HOW = 'write `name=value` separated by blanks; build a value with a blank from two variables';

/** Evaluates an assignment list such as `dt=$bizdate hour=$[hh24-1/24]`. Faults go to `findings`. */
export function evaluateAssignments(text: string, time: ScheduleTime, findings: Findings): Assigned {
  const values = new Map<string, string>();
  const clockUses: ClockUse[] = [];
  for (const part of text.split(/\s+/).filter(Boolean)) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const at = { path: `assignments.${name}` };
    const wrong = wrongAssignment(part, name, equals, values);
    if (wrong) {
      findings.fault('JOB-1017', { path: 'assignments' }, wrong, HOW);
      continue;
    }
    const result = evaluateValue(part.slice(equals + 1), time);
    if (!result.ok)
      findings.fault('JOB-1016', at, `the assignment of \`${name}\`: ${result.why}`, result.hint);
    values.set(name, result.ok ? result.text : '');
    if (result.ok) clockUses.push(...result.clocks);
  }
  return { values, clockUses };
}

function wrongAssignment(
  part: string,
  name: string,
  equals: number,
  known: ReadonlyMap<string, string>,
): string | undefined {
  if (equals < 0) return `\`${part}\` is no assignment`;
  if (!VARIABLE_NAME.test(name)) return `\`${name}\` is no name of a variable`;
  if (known.has(name)) return `\`${name}\` is assigned twice`;
  return part.indexOf('=', equals + 1) >= 0 ? `the value of \`${name}\` holds a second \`=\`` : undefined;
}

type Value =
  | { readonly ok: true; readonly text: string; readonly clocks: readonly ClockUse[] }
  | { readonly ok: false; readonly why: string; readonly hint: string };

/** Pieces of a value: `${…}`, `$[…]`, `$name`, `$1`, or text. */
const PIECE = /\$\{([^{}]*)\}|\$\[([^[\]]*)\]|\$(\w+)|\$\{|\$\[|[^$]+|\$/g;

function evaluateValue(text: string, time: ScheduleTime): Value {
  const quoted = /^'([^']*)'$|^"([^"]*)"$/.exec(text);
  if (quoted) return constant(quoted[1] ?? quoted[2] ?? '');
  let result = '';
  const clocks: ClockUse[] = [];
  for (const match of text.matchAll(PIECE)) {
    const piece = evaluatePiece(match, time);
    if (!piece.ok) return piece;
    result += piece.text;
    if (piece.clock) clocks.push(piece.clock);
  }
  return { ok: true, text: result, clocks };
}

function constant(text: string): Value {
  if (!text.includes('$')) return { ok: true, text, clocks: [] };
  return {
    ok: false,
    why: `the quotes make \`${text}\` a constant`,
    hint: 'remove the quotes to have it evaluated',
  };
}

function evaluatePiece([whole, brace, bracket, name]: RegExpMatchArray, time: ScheduleTime): Evaluated {
  if (brace !== undefined) return evaluateAssignedBrace(brace, time);
  if (bracket !== undefined) return evaluateBracket(bracket, time);
  if (name !== undefined) return evaluateBuiltin(name, time);
  if (whole === '${' || whole === '$[') {
    return { ok: false, why: `\`${whole}\` is not closed`, hint: 'close it; a value cannot hold a blank' };
  }
  return { ok: true, text: whole };
}

function evaluateAssignedBrace(text: string, time: ScheduleTime): Evaluated {
  const system = /^bdp\.system\.(bizdate|cyctime)$/.exec(text)?.[1];
  return system ? { ok: true, text: builtins[system]!(time) } : evaluateBrace(text, time);
}

function evaluateBuiltin(name: string, time: ScheduleTime): Evaluated {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (builtin) return { ok: true, text: builtin(time) };
  if (/^\d/.test(name)) {
    return {
      ok: false,
      why: `\`$${name}\` is a positional argument, which sync jobs do not have`,
      hint: HOW,
    };
  }
  if (foreignBuiltins.has(name.toLowerCase())) {
    return {
      ok: false,
      why: `\`$${name}\` has no value outside DataWorks`,
      hint: 'assign a constant instead',
    };
  }
  return { ok: false, why: `\`$${name}\` is no built-in`, hint: nameHint(name, Object.keys(builtins)) };
}
