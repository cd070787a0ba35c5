// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables
import { mentionsReference, parseReference } from '../../security/secret.ts';
import type { Findings } from '../findings.ts';
import { skipString } from '../json/comments.ts';
import type { JsonNode, Member, ScalarNode } from '../json/node.ts';
import { nameHint } from '../near-name.ts';
import {
  builtins,
  type ClockUse,
  evaluateBrace,
  evaluateBracket,
  isTimeExpression,
  looksLikeTime,
  MAX_EXPRESSION_CHARS,
} from '../time/expression.ts';
import type { ScheduleTime } from '../time/schedule.ts';

/**
 * Replaces variables in the texts of a parsed file: never in keys, in one pass, so that a value is inserted as
 * it is and can add neither JSON nor another variable.
 */

/** What variables can stand for. */
export interface VariableScope {
  readonly time: ScheduleTime;
  /** By name; given parameters before assignments. */
  readonly values: ReadonlyMap<string, string>;
}

/** Which names and clock readings a file used. */
export interface VariableUse {
  readonly names: Set<string>;
  readonly clockUses: ClockUse[];
}

/** Escapes, references to variables and unclosed beginnings, in the order in which they are tried. */
const VARIABLE =
  /\$\$(?=[{[]|(?:bizdate|cyctime|gmtdate|bizmonth)\b)([{[]?)|\$\{([^{}]*)\}|\$\[([^[\]]*)\]|\$[{[]|\$(bizdate|cyctime|gmtdate|bizmonth)\b/g;

/** Most that all variables together may insert, in characters: values come from callers. */
export const MAX_INSERTED_CHARS = 1024 * 1024;

/** The tree with every variable replaced. Whole-value secret references stay. Faults go to `findings`. */
export function substitute(
  root: JsonNode,
  scope: VariableScope,
  source: string,
  findings: Findings,
): { readonly root: JsonNode; readonly use: VariableUse } {
  const pass = new Substitution(scope, source, findings);
  return { root: pass.node(root), use: pass.use };
}

class Substitution {
  readonly use: VariableUse = { names: new Set(), clockUses: [] };
  readonly #scope: VariableScope;
  readonly #source: string;
  readonly #findings: Findings;
  #inserted = 0;

  constructor(scope: VariableScope, source: string, findings: Findings) {
    this.#scope = scope;
    this.#source = source;
    this.#findings = findings;
  }

  node(node: JsonNode): JsonNode {
    if (node.kind === 'array') return { ...node, items: node.items.map((item) => this.node(item)) };
    if (node.kind === 'scalar') return typeof node.value === 'string' ? this.#text(node, node.value) : node;
    const members = new Map<string, Member>();
    for (const [name, { key, value }] of node.members) members.set(name, { key, value: this.node(value) });
    return { ...node, members };
  }

  #text(node: ScalarNode, text: string): ScalarNode {
    if (!text.includes('$') || parseReference(text)) return node;
    let complete = true;
    const end = node.offset === undefined ? 0 : skipString(this.#source, node.offset);
    let searchFrom = node.offset ?? 0;
    const result = text.replace(VARIABLE, (whole: string, ...groups: (string | undefined)[]) => {
      const found = this.#source.indexOf(whole, searchFrom);
      const inside = found >= 0 && found < end;
      if (inside) searchFrom = found + whole.length;
      const offset = inside ? found : node.offset;
      const spot = { path: node.path, ...(offset !== undefined && { offset }) };
      const value = this.#replacement(whole, groups, spot);
      complete &&= value !== undefined && this.#inBudget(value, spot);
      return complete && value !== undefined ? value : whole;
    });
    if (!complete) return { ...node, unresolved: true };
    return this.#checked(node, text, result);
  }

  #checked(node: ScalarNode, before: string, after: string): ScalarNode {
    if (after !== before && parseReference(after)) {
      this.#findings.fault(
        'JOB-1020',
        node,
        'a variable cannot form a secret reference',
        'write the reference itself',
      );
      return { ...node, unresolved: true };
    }
    return { ...node, value: after };
  }

  #inBudget(value: string, spot: Spotted): boolean {
    const before = this.#inserted;
    this.#inserted += value.length;
    if (this.#inserted <= MAX_INSERTED_CHARS) return true;
    if (before <= MAX_INSERTED_CHARS) {
      this.#findings.fault(
        'JOB-1008',
        spot,
        `variables insert more than ${MAX_INSERTED_CHARS} characters in all`,
      );
    }
    return false;
  }

  #replacement(whole: string, groups: readonly (string | undefined)[], spot: Spotted): string | undefined {
    const [escaped, brace, bracket, bare] = groups;
    if (whole.startsWith('$$')) return `$${escaped ?? ''}`;
    if (brace !== undefined) return this.#brace(brace, spot);
    if (bracket !== undefined) return this.#bracket(bracket, spot);
    const why = bare ? `\`${whole}\` is a value of assignment lists only` : `\`${whole}\` is not closed`;
    const hint = bare
      ? `write \`\${${bare}}\`, or \`$${whole}\` for the text itself`
      : `write \`$${whole}\` for the text itself`;
    this.#findings.fault('JOB-1016', spot, why, hint);
    return undefined;
  }

  #bracket(text: string, spot: Spotted): string | undefined {
    const result = evaluateBracket(text, this.#scope.time);
    if (!result.ok) {
      this.#findings.fault(
        'JOB-1016',
        spot,
        result.why,
        `${result.hint}; \`$$[\` stands for the text itself`,
      );
      return undefined;
    }
    if (result.clock) this.use.clockUses.push(result.clock);
    return result.text;
  }

  #brace(name: string, spot: Spotted): string | undefined {
    if (name.length > MAX_EXPRESSION_CHARS) return this.#date(name, spot);
    this.use.names.add(name);
    const given = this.#scope.values.get(name);
    if (given !== undefined) return given;
    if (mentionsReference(`\${${name}}`)) return this.#strayReference(name, spot);
    const builtin = /^(bdp\.system\.)?(bizdate|cyctime)$/.exec(name);
    if (builtin) return this.#usual(name, builtin[2]!, builtin[1] === undefined, spot);
    if (isTimeExpression(name) || (looksLikeTime(name) && !/^\w+$/.test(name))) return this.#date(name, spot);
    return this.#unknown(name, spot);
  }

  #usual(name: string, builtin: string, noted: boolean, spot: Spotted): string {
    const value = builtins[builtin]!(this.#scope.time);
    if (noted) {
      this.#findings.warn(
        'JOB-1024',
        spot,
        `\`\${${name}}\` has no assignment and stands for ${value}`,
        `assign \`${name}=$${builtin}\``,
      );
    }
    return value;
  }

  #date(text: string, spot: Spotted): string | undefined {
    const result = evaluateBrace(text, this.#scope.time);
    if (result.ok) return result.text;
    this.#findings.fault('JOB-1016', spot, result.why, result.hint);
    return undefined;
  }

  #strayReference(name: string, spot: Spotted): undefined {
    const why = `the secret reference \`\${${name}}\` must be the whole value`;
    this.#findings.fault('JOB-1020', spot, why, 'put the whole value into the environment variable or file');
  }

  #unknown(name: string, spot: Spotted): undefined {
    const known = [...this.#scope.values.keys(), 'bdp.system.bizdate', 'bdp.system.cyctime'];
    const near = nameHint(name, known);
    const hint = near.startsWith('did')
      ? near
      : `give it with \`-p ${name}=…\`, or write \`$\${${name}}\` for the text itself`;
    this.#findings.fault('JOB-1015', spot, `the variable \`\${${name}}\` has no value`, hint);
  }
}

interface Spotted {
  readonly path: string;
  readonly offset?: number;
}
