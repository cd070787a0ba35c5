import type { Findings } from '../findings.ts';
import type { ObjectNode } from '../json/node.ts';
import { draftStep, type JobDraft } from './draft.ts';
import { checkKeys, member, missing, objectField } from './fields.ts';
import { dataWorksSetting } from './settings.ts';

/** Reads DataWorks script mode 1.0: `configuration.{reader,writer}.{plugin,parameter}` and `configuration.setting`. */
export function readV1(root: ObjectNode, zone: string, findings: Findings): JobDraft {
  checkKeys(root, ['$schema', 'type', 'version', 'configuration'], findings);
  const configuration = objectField(root, 'configuration', findings);
  if (configuration) checkKeys(configuration, ['reader', 'writer', 'setting'], findings);
  else missing(root, 'configuration', findings, 'it holds `reader`, `writer` and `setting`');
  const reader = side(configuration, 'reader', findings);
  const writer = side(configuration, 'writer', findings);
  const setting = dataWorksSetting(objectField(configuration, 'setting', findings), 'v1', zone, findings);
  return { dialect: 'v1', ...(reader && { reader }), ...(writer && { writer }), setting };
}

function side(configuration: ObjectNode | undefined, name: 'reader' | 'writer', findings: Findings) {
  const node = objectField(configuration, name, findings);
  if (node) checkKeys(node, ['plugin', 'parameter'], findings);
  else if (configuration && !member(configuration, name)) {
    missing(configuration, name, findings, '`{"plugin": …, "parameter": {…}}`');
  }
  return draftStep(node, 'plugin', findings);
}
