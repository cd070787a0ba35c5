// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${env:NAME}` is the notation of references
import type { AnyConnectorDef } from '../../connectors/contract.ts';
import { connectorName } from '../../connectors/registry.ts';
import { isCredentialKey, isReference, isSecretKey, mentionsReference } from '../../security/secret.ts';
import {
  CONNECTION_KEY,
  DATA_SOURCE_KEY,
  type DataSources,
  type MergedParams,
  mergeDataSource,
} from '../data-source.ts';
import type { DraftStep } from '../dialects/draft.ts';
import type { Findings } from '../findings.ts';
import { childPath, type JsonNode, nodeAt, plainObject, type Spot } from '../json/node.ts';
import type { StepModel } from '../model.ts';
import { nameHint } from '../near-name.ts';
import { valueAt } from '../schema/coercion.ts';
import { checkValue, type Problem } from '../schema/problem.ts';

/** Which half of a job. */
export type Side = 'reader' | 'writer';

/** What checking a step needs. */
export interface StepContext {
  readonly findConnector: (type: string) => Promise<AnyConnectorDef | undefined>;
  readonly connectorTypes: readonly string[];
  readonly dataSources: DataSources;
  readonly findings: Findings;
}

/** Checks a step against its connector. `undefined` when the plug-in is not there; other faults are in the findings. */
export async function loadStep(
  step: DraftStep,
  side: Side,
  context: StepContext,
): Promise<StepModel | undefined> {
  const def = await pluginOf(step, side, context);
  if (!def) return undefined;
  const own = plainObject(step.params);
  const merged = mergeDataSource(own, def, context.dataSources);
  const check = new StepCheck(step, def, merged, context.findings);
  check.references();
  for (const problem of merged.problems) check.tell(problem);
  check.schema(def[side]!.schema);
  return { type: def.type, params: { ...own }, path: step.params.path };
}

async function pluginOf(
  step: DraftStep,
  side: Side,
  context: StepContext,
): Promise<AnyConnectorDef | undefined> {
  const { findings, connectorTypes } = context;
  if (step.pluginAt.unresolved) return undefined;
  const def = await context.findConnector(connectorName(step.plugin));
  if (!def) {
    const known = nameHint(connectorName(step.plugin), connectorTypes);
    findings.fault('JOB-1012', step.pluginAt, `no plug-in is named \`${step.plugin}\``, known);
    return undefined;
  }
  const other = side === 'reader' ? 'writer' : 'reader';
  if (def[side] && !step.plugin.toLowerCase().endsWith(other)) return def;
  const hint = def[side] ? `as a ${side} write \`${def.type}\`` : `it can only be a ${other}`;
  findings.fault('JOB-1013', step.pluginAt, `\`${step.plugin}\` is no ${side}`, hint);
  return undefined;
}

class StepCheck {
  readonly #step: DraftStep;
  readonly #def: AnyConnectorDef;
  readonly #merged: MergedParams;
  readonly #findings: Findings;

  constructor(step: DraftStep, def: AnyConnectorDef, merged: MergedParams, findings: Findings) {
    this.#step = step;
    this.#def = def;
    this.#merged = merged;
    this.#findings = findings;
  }

  /** Secret references stand only where a credential belongs: anywhere else they would carry a secret out. */
  references(): void {
    for (const [key, { value }] of this.#step.params.members) this.#checkReferences(key, value, true);
  }

  #checkReferences(key: string, node: JsonNode, top: boolean): void {
    if (node.kind === 'array') for (const item of node.items) this.#checkReferences(key, item, false);
    else if (node.kind === 'object') {
      for (const { value } of node.members.values()) this.#checkReferences(key, value, false);
    } else if (typeof node.value === 'string') this.#checkText(key, node.value, node, top);
  }

  #checkText(key: string, text: string, at: JsonNode, top: boolean): void {
    const secret = this.#isSecret(key);
    const credential = top && (secret || (this.#def.connectionKeys.includes(key) && isCredentialKey(key)));
    if (isReference(text)) {
      if (credential) return;
      this.#findings.fault(
        'JOB-1020',
        at,
        `\`${key}\` cannot be a secret reference`,
        'only credentials can; or use a data source',
      );
    } else if (secret && mentionsReference(text)) {
      this.#findings.fault(
        'JOB-1020',
        at,
        `\`${key}\` is no secret reference of a known kind`,
        'write `${env:NAME}` or `${file:PATH}` as the whole value',
      );
    } else if (secret && text !== '' && !at.unresolved) {
      const message = `\`${key}\` is written in clear and will be stored with every run`;
      this.#findings.warn(
        'JOB-1021',
        at,
        message,
        'use a `datasource`, or a reference such as `${env:NAME}`',
      );
    }
  }

  #isSecret(key: string): boolean {
    return this.#def.secretKeys.includes(key) || (this.#def.connectionKeys.includes(key) && isSecretKey(key));
  }

  schema(schema: Parameters<typeof checkValue>[0]): void {
    const options = { isSecret: (key: string) => this.#isSecret(key), extraKeys: [DATA_SOURCE_KEY] };
    const checked = checkValue(schema, this.#merged.params, options);
    if (checked.ok) return;
    for (const problem of checked.problems) {
      if (!this.#isDeferred(problem) && !this.#isConsequence(problem)) this.tell(problem);
    }
  }

  /** Without its data source a step lacks the connection, which was told already; the rest is judged all the same. */
  #isConsequence(problem: Problem): boolean {
    if (this.#merged.problems.length === 0) return false;
    const [top] = problem.path;
    return top === undefined || top === CONNECTION_KEY || this.#def.connectionKeys.includes(String(top));
  }

  /** A value that is still a reference is judged when it is known, at the start of the run. */
  #isDeferred(problem: Problem): boolean {
    return isReference(valueAt(this.#merged.params, problem.path));
  }

  tell(problem: Problem): void {
    const [top] = problem.path;
    const { from, inherited } = this.#merged;
    const key = String(top);
    const fromSource = from !== undefined && inherited.has(key);
    const message = fromSource ? `data source \`${from}\`: ${problem.message}` : problem.message;
    const code = fromSource ? 'JOB-1019' : problem.code;
    this.#findings.fault(
      code,
      fromSource ? this.#dataSourceSpot() : this.#spot(problem),
      message,
      this.#hint(problem, key),
    );
  }

  #hint(problem: Problem, key: string): string | undefined {
    const connection =
      problem.code === 'JOB-1005' && problem.path.length === 1 && this.#def.connectionKeys.includes(key);
    if (!connection) return problem.hint;
    const { from } = this.#merged;
    return from === undefined
      ? 'name a `datasource` that has it'
      : `data source \`${from}\` does not have it either`;
  }

  #dataSourceSpot(): Spot {
    return this.#step.params.members.get(DATA_SOURCE_KEY)?.value ?? this.#step.params;
  }

  #spot(problem: Problem): Spot {
    const { params } = this.#step;
    if (problem.atKey) {
      const holder = nodeAt(params, problem.path.slice(0, -1)).node;
      const member = holder.kind === 'object' ? holder.members.get(String(problem.path.at(-1))) : undefined;
      if (member) return member.key;
    }
    const { node } = nodeAt(params, problem.path);
    const path = problem.path.reduce<string>(
      (text, part) => childPath(text, typeof part === 'number' ? part : String(part)),
      params.path,
    );
    return { ...node, path };
  }
}
