/** The page docs/errors.md, made from the codes where they are declared, so that the two cannot differ. */
import { type Code, type CodeSpec, codes } from '../../core/errors/index.ts';

interface Area {
  readonly prefix: string;
  readonly title: string;
}

/** In the order in which a person meets them. */
const AREAS: readonly Area[] = [
  { prefix: 'CLI', title: 'The command line and the local cloud' },
  { prefix: 'JOB', title: 'The job file and the project file' },
  { prefix: 'SRC', title: 'Reading' },
  { prefix: 'CNV', title: 'Converting a value' },
  { prefix: 'DST', title: 'Writing' },
  { prefix: 'RUN', title: 'The run and its state' },
  { prefix: 'SEC', title: 'Refused by policy' },
  { prefix: 'BUG', title: 'Defects' },
];

const HEAD = `# Error codes

<!-- Generated from core/errors/codes by infra/scripts/write-errors-page.ts. Do not edit. -->

Every fault has a code. A code never changes its meaning and is never used again. \`millrace errors CODE\` prints the
same text without a network.
`;

/** The whole page. Throws when a code belongs to no area, so that none can be left out. */
export function renderErrorsPage(): string {
  const all = Object.entries(codes) as [Code, CodeSpec][];
  const lost = all.find(([code]) => !AREAS.some(({ prefix }) => code.startsWith(`${prefix}-`)));
  if (lost) throw new Error(`${lost[0]} belongs to no area of the errors page`);
  const areas = AREAS.map((area) => renderArea(area, all));
  return `${[HEAD, ...areas].join('\n')}`;
}

function renderArea({ prefix, title }: Area, all: readonly (readonly [Code, CodeSpec])[]): string {
  const own = all.filter(([code]) => code.startsWith(`${prefix}-`)).sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = own.map(
    ([code, { title: what, cause, next }]) =>
      `| \`${code}\` | ${cell(what)} | ${cell(cause)} | ${cell(next)} |`,
  );
  return [
    `## ${prefix}: ${title}`,
    '',
    '| code | what happened | usual cause | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** A bar or a line break would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
