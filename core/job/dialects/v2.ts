import type { Findings } from '../findings.ts';
import { describeValue, type ObjectNode, plainValue } from '../json/node.ts';
import { nameHint } from '../near-name.ts';
import { type DraftStep, draftStep, type JobDraft } from './draft.ts';
import {
  asObject,
  booleanField,
  checkKeys,
  choiceField,
  listField,
  member,
  missing,
  objectField,
  textField,
} from './fields.ts';
import { dataWorksSetting } from './settings.ts';

const CATEGORIES = ['reader', 'writer', 'processor'];
/** Keys that only the console of DataWorks looks at. */
const DISPLAY_KEYS = ['gui', 'displayName', 'description', 'copies'];

interface Step {
  readonly name: string;
  readonly category: string;
  readonly node: ObjectNode;
}

/** Reads DataWorks script mode 2.0: a list of steps, wired by `order.hops` through step names. */
export function readV2(root: ObjectNode, zone: string, findings: Findings): JobDraft {
  checkKeys(
    root,
    ['$schema', 'type', 'version', 'steps', 'setting', 'order', 'extend', 'transform'],
    findings,
  );
  if (booleanField(root, 'transform', findings)) {
    findings.fault('JOB-1014', member(root, 'transform')!, '`transform` is not supported', 'only false');
  }
  const steps = readSteps(root, findings);
  const reader = oneOf(steps, 'reader', root, findings);
  const writer = oneOf(steps, 'writer', root, findings);
  checkOrder(root, steps, reader, writer, findings);
  const setting = dataWorksSetting(objectField(root, 'setting', findings), 'v2', zone, findings);
  const from = draft(reader, findings);
  const to = draft(writer, findings);
  return { dialect: 'v2', ...(from && { reader: from }), ...(to && { writer: to }), setting };
}

function readSteps(root: ObjectNode, findings: Findings): readonly Step[] {
  const items = listField(root, 'steps', findings);
  if (!member(root, 'steps')) missing(root, 'steps', findings, 'a list of a reader and a writer step');
  const steps: Step[] = [];
  for (const item of items ?? []) {
    const node = asObject(item, 'a step', findings);
    const step = node && readStep(node, findings);
    if (!step) continue;
    if (step.name !== '' && steps.some((other) => other.name === step.name)) {
      findings.fault(
        'JOB-1011',
        member(step.node, 'name') ?? step.node,
        `two steps are named \`${step.name}\``,
      );
    }
    steps.push(step);
  }
  return steps;
}

function readStep(node: ObjectNode, findings: Findings): Step | undefined {
  checkKeys(node, ['stepType', 'parameter', 'name', 'category', ...DISPLAY_KEYS], findings);
  const category = choiceField(node, 'category', CATEGORIES, findings);
  if (!member(node, 'category')) missing(node, 'category', findings, '`"reader"` or `"writer"`');
  const name = textField(node, 'name', findings) ?? '';
  const type = member(node, 'stepType');
  if (category === 'processor' && type) {
    const what = describeValue(plainValue(type));
    findings.fault(
      'JOB-1014',
      type,
      `a processor step of type ${what} is not supported`,
      'only null, which does nothing',
    );
  }
  return category === undefined ? undefined : { name, category, node };
}

function oneOf(
  steps: readonly Step[],
  category: 'reader' | 'writer',
  root: ObjectNode,
  findings: Findings,
): Step | undefined {
  const [first, second] = steps.filter((step) => step.category === category);
  const list = root.members.get('steps')?.value;
  const complete = list?.kind === 'array' && list.items.length === steps.length;
  if (!first && list && complete) findings.fault('JOB-1011', list, `no step of category \`${category}\``);
  if (second)
    findings.fault('JOB-1011', second.node, `a second step of category \`${category}\``, 'a job has one');
  return first;
}

function checkOrder(
  root: ObjectNode,
  steps: readonly Step[],
  reader: Step | undefined,
  writer: Step | undefined,
  findings: Findings,
): void {
  const order = objectField(root, 'order', findings);
  if (order) checkKeys(order, ['hops'], findings);
  const hops = listField(order, 'hops', findings) ?? [];
  for (const hop of hops) {
    const node = asObject(hop, 'a hop', findings);
    if (node) checkHop(node, steps, reader, writer, findings);
  }
  const [, second] = hops;
  if (second)
    findings.fault('JOB-1011', second, 'a second hop', 'a job has one, from its reader to its writer');
}

function checkHop(
  hop: ObjectNode,
  steps: readonly Step[],
  reader: Step | undefined,
  writer: Step | undefined,
  findings: Findings,
): void {
  checkKeys(hop, ['from', 'to', 'gui'], findings);
  for (const [end, wanted] of [
    ['from', reader],
    ['to', writer],
  ] as const) {
    const name = textField(hop, end, findings);
    const at = member(hop, end);
    if (!at) missing(hop, end, findings, 'the name of a step');
    if (!at || name === undefined || name === wanted?.name) continue;
    const known = steps.some((step) => step.name === name);
    const role = end === 'from' ? 'reader' : 'writer';
    if (!known) {
      const names = steps.map((step) => step.name).filter(Boolean);
      findings.fault(
        'JOB-1011',
        at,
        `the hop leads ${end} \`${name}\`, but no step has that name`,
        nameHint(name, names),
      );
    } else if (wanted) {
      findings.fault(
        'JOB-1011',
        at,
        `the hop leads ${end} \`${name}\`, which is not the ${role}`,
        `the ${role} is \`${wanted.name}\``,
      );
    }
  }
}

const draft = (step: Step | undefined, findings: Findings): DraftStep | undefined =>
  draftStep(step?.node, 'stepType', findings);
