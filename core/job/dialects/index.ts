import type { Findings } from '../findings.ts';
import { describeValue, type JsonNode, type ObjectNode, plainValue } from '../json/node.ts';
import { nearestName } from '../near-name.ts';
import { readDataX } from './datax.ts';
import type { JobDraft } from './draft.ts';
import { member, textField } from './fields.ts';
import { readV1 } from './v1.ts';
import { readV2 } from './v2.ts';

/** The key that tells a dialect. */
const MARKS = { steps: 'v2', configuration: 'v1', job: 'datax' } as const;
const VERSIONS: Readonly<Record<string, 'v1' | 'v2'>> = { '1': 'v1', '1.0': 'v1', '2': 'v2', '2.0': 'v2' };
const WHAT = 'a job has `steps` (DataWorks 2.0), `configuration` (DataWorks 1.0) or `job` (DataX)';

/** Reads a job of any dialect. `zone` is the time zone of jobs that name none. */
export function readJob(root: JsonNode, zone: string, findings: Findings): JobDraft | undefined {
  if (root.kind !== 'object') {
    findings.fault('JOB-1010', root, `a job is an object, not ${describeValue(plainValue(root))}`, WHAT);
    return undefined;
  }
  const dialect = dialectOf(root, findings);
  if (!dialect) return undefined;
  if (dialect === 'datax') return readDataX(root, zone, findings);
  checkHead(root, dialect, findings);
  return dialect === 'v1' ? readV1(root, zone, findings) : readV2(root, zone, findings);
}

function dialectOf(root: ObjectNode, findings: Findings): 'v1' | 'v2' | 'datax' | undefined {
  const present = Object.keys(MARKS).filter((key): key is keyof typeof MARKS => root.members.has(key));
  const [first, second] = present;
  if (first && second) {
    const at = root.members.get(second)!.key;
    findings.fault('JOB-1010', at, `\`${first}\` and \`${second}\` belong to different forms of a job`, WHAT);
    return undefined;
  }
  if (first) return MARKS[first];
  return byVersion(root) ?? byNearName(root, findings);
}

function byVersion(root: ObjectNode): 'v1' | 'v2' | undefined {
  const version = member(root, 'version');
  return version?.kind === 'scalar' ? VERSIONS[String(version.value)] : undefined;
}

function byNearName(root: ObjectNode, findings: Findings): undefined {
  for (const [name, { key }] of root.members) {
    const near = nearestName(name, Object.keys(MARKS));
    if (near) findings.fault('JOB-1010', key, `unknown key \`${name}\``, `did you mean \`${near}\`? ${WHAT}`);
    if (near) return;
  }
  findings.fault('JOB-1010', root, 'this is no job', WHAT);
}

/** `type` and `version` are fixed values; both may be left out. */
function checkHead(root: ObjectNode, dialect: 'v1' | 'v2', findings: Findings): void {
  const type = textField(root, 'type', findings);
  if (type !== undefined && type !== 'job') {
    findings.fault(
      'JOB-1007',
      member(root, 'type')!,
      `\`type\` is ${JSON.stringify(type)}; allowed is "job"`,
    );
  }
  const version = textField(root, 'version', findings);
  if (version === undefined || VERSIONS[version] === dialect) return;
  const wanted = dialect === 'v1' ? '"1.0" beside `configuration`' : '"2.0" beside `steps`';
  findings.fault(
    'JOB-1007',
    member(root, 'version')!,
    `\`version\` is ${JSON.stringify(version)}; allowed is ${wanted}`,
  );
}
