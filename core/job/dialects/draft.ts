import type { Findings } from '../findings.ts';
import type { JsonNode, ObjectNode } from '../json/node.ts';
import type { JobModel } from '../model.ts';
import { member, missing, objectField, textField } from './fields.ts';

/** One side as the file has it. */
export interface DraftStep {
  /** Plug-in name as written. */
  readonly plugin: string;
  readonly pluginAt: JsonNode;
  /** The parameters; an empty object where the file has none. */
  readonly params: ObjectNode;
}

/** A job as the file has it: the three dialects in one form, parameters not looked at. Parts at fault are absent. */
export interface JobDraft {
  readonly dialect: JobModel['dialect'];
  readonly reader?: DraftStep;
  readonly writer?: DraftStep;
  readonly setting: JobModel['setting'];
}

/** Reads the plug-in name and the parameters of a step. */
export function draftStep(
  node: ObjectNode | undefined,
  nameKey: string,
  findings: Findings,
): DraftStep | undefined {
  if (!node) return undefined;
  const plugin = textField(node, nameKey, findings);
  const pluginAt = member(node, nameKey);
  const params = objectField(node, 'parameter', findings);
  if (!pluginAt) missing(node, nameKey, findings, 'the name of a plug-in, for example `"ots"`');
  if (plugin === undefined || !pluginAt) return undefined;
  if (!params && member(node, 'parameter')) return undefined;
  return {
    plugin,
    pluginAt,
    params: params ?? { ...node, path: `${node.path}.parameter`, members: new Map() },
  };
}
