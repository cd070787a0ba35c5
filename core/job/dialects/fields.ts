import type { Findings } from '../findings.ts';
import {
  childPath,
  describeValue,
  type JsonNode,
  type ObjectNode,
  plainValue,
  type Spot,
} from '../json/node.ts';
import { nameHint } from '../near-name.ts';

/** Typed reading of members. Scalars are read by their text form, as DataWorks and DataX do; anything lossy is a fault. */

/** What a number may be. */
export interface NumberRule {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

/** Faults for every key that is not known. */
export function checkKeys(node: ObjectNode, known: readonly string[], findings: Findings): void {
  for (const [name, { key }] of node.members) {
    if (!known.includes(name))
      findings.fault('JOB-1004', key, `unknown key \`${name}\``, nameHint(name, known));
  }
}

/** The value of a member; absent and null are the same. */
export function member(node: ObjectNode | undefined, name: string): JsonNode | undefined {
  const value = node?.members.get(name)?.value;
  return value?.kind === 'scalar' && value.value === null ? undefined : value;
}

/** A fault for a required member that is absent. */
export function missing(node: ObjectNode, name: string, findings: Findings, hint?: string): void {
  const at = { ...node, path: childPath(node.path, name) };
  findings.fault('JOB-1005', at, `\`${name}\` is missing`, hint);
}

const wrongType = (at: JsonNode, name: string, wanted: string, findings: Findings): undefined => {
  findings.fault('JOB-1006', at, `\`${name}\` must be ${wanted}, not ${describeValue(plainValue(at))}`);
  return undefined;
};

/** A member that is an object. */
export function objectField(
  node: ObjectNode | undefined,
  name: string,
  findings: Findings,
): ObjectNode | undefined {
  const value = member(node, name);
  if (!value) return undefined;
  return value.kind === 'object' ? value : wrongType(value, name, 'an object', findings);
}

/** The items of a member that is a list. */
export function listField(
  node: ObjectNode | undefined,
  name: string,
  findings: Findings,
): readonly JsonNode[] | undefined {
  const value = member(node, name);
  if (!value) return undefined;
  return value.kind === 'array' ? value.items : wrongType(value, name, 'a list', findings);
}

/** A value as an object. */
export function asObject(node: JsonNode, name: string, findings: Findings): ObjectNode | undefined {
  return node.kind === 'object' ? node : wrongType(node, name, 'an object', findings);
}

/** A member's text form: `5` and `"5"` are the same. */
export function textField(
  node: ObjectNode | undefined,
  name: string,
  findings: Findings,
): string | undefined {
  const value = member(node, name);
  if (!value || value.unresolved) return undefined;
  return value.kind === 'scalar' ? String(value.value) : wrongType(value, name, 'a text', findings);
}

/** A truth value, also as text in any case. */
export function booleanField(
  node: ObjectNode | undefined,
  name: string,
  findings: Findings,
): boolean | undefined {
  const value = member(node, name);
  if (!value || value.unresolved) return undefined;
  const text = value.kind === 'scalar' ? String(value.value).toLowerCase() : '';
  if (text === 'true' || text === 'false') return text === 'true';
  return wrongType(value, name, 'true or false', findings);
}

const DECIMAL = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number, also as text. `blankIsUnset` reads "" as absent. */
export function numberField(
  node: ObjectNode | undefined,
  name: string,
  rule: NumberRule & { readonly blankIsUnset?: boolean },
  findings: Findings,
): number | undefined {
  const value = member(node, name);
  if (!value || value.unresolved) return undefined;
  const text =
    value.kind === 'scalar' && typeof value.value !== 'boolean' ? String(value.value).trim() : undefined;
  if (text === '' && rule.blankIsUnset) return undefined;
  const wanted = `${rule.whole ? 'a whole number' : 'a number'} from ${rule.min} to ${rule.max}`;
  if (text === undefined || !DECIMAL.test(text)) return wrongType(value, name, wanted, findings);
  const number = Number(text);
  const fits = number >= rule.min && number <= rule.max && (!rule.whole || Number.isSafeInteger(number));
  if (fits) return number === 0 ? 0 : number;
  const at: Spot = value;
  findings.fault('JOB-1007', at, `\`${name}\` is ${text}; allowed is ${wanted}`);
  return undefined;
}

/** A text that must be one of a few; compared as written. */
export function choiceField(
  node: ObjectNode | undefined,
  name: string,
  choices: readonly string[],
  findings: Findings,
): string | undefined {
  const text = textField(node, name, findings);
  if (text === undefined || choices.includes(text)) return text;
  const message = `\`${name}\` is ${JSON.stringify(text)}; allowed: ${choices.join(', ')}`;
  findings.fault('JOB-1007', member(node, name)!, message, nameHint(text, choices));
  return undefined;
}
