/** The demo from its first line to its last. */
import path from 'node:path';
import type { CommandContext } from '../context.ts';
import { programRoot } from '../files.ts';
import { countOf, formatDuration, formatRate } from '../quantity.ts';
import { reportLines } from '../run-report.ts';
import { type Session, withSession } from '../session.ts';
import { formatPairs } from '../table.ts';
import type { CloudChild } from './cloud-child.ts';
import { deployFunctions } from './deploy.ts';
import { type Exported, exportOrders } from './export.ts';
import { type DemoJob, JOB_FILE, loadDemoJob, PROJECT_FILE } from './job.ts';
import { loadOrders } from './load.ts';
import { type ReadBack, readBack } from './read-back.ts';
import type { Stage } from './stage.ts';
import { faultsOf } from './verdict.ts';

/** What the story is made of. */
export interface Cast {
  readonly context: CommandContext;
  readonly stage: Stage;
  readonly child: CloudChild;
  readonly rows: number;
}

/** Plays steps 2 to 5 in a started cloud; resolves with what went wrong, in sentences. */
export async function playStory(cast: Cast): Promise<readonly string[]> {
  const context: CommandContext = {
    ...cast.context,
    // The cloud file of the demo is in the cloud's own folder, so a cloud of the person's own is left alone.
    io: { ...cast.context.io, cwd: cast.child.folder },
    options: { local: true, verbose: false, project: path.join(programRoot(), PROJECT_FILE) },
  };
  return withSession(context, undefined, async (session) => {
    const demo = await loadDemoJob(context, session);
    await load({ ...cast, context }, demo);
    await deploy({ ...cast, context }, session);
    const exported = await run({ ...cast, context }, session, demo);
    if (exported.end.run.state !== 'SUCCEEDED') return faultsOf(exported, undefined, cast.rows);
    return faultsOf(exported, await check({ ...cast, context }, demo), cast.rows);
  });
}

async function load({ context, stage, child, rows }: Cast, demo: DemoJob): Promise<void> {
  stage.step(`Fill the table \`${demo.source.table}\` with ${countOf(rows, 'row')}`);
  const took = stopwatch(context);
  await loadOrders(child.cloud, { ...demo.source, rows }, (written) =>
    stage.progress(`${countOf(written, 'row')} written, ${formatRate((written / took()) * 1_000)}`),
  );
  const speed = formatRate((rows / took()) * 1_000);
  stage.fact(`Written with the Tablestore SDK in ${formatDuration(took())}, ${speed}.`);
  stage.fact('All column types; nulls, empty texts, quotes, line breaks, emoji, both ends of int64.');
}

async function deploy({ context, stage, child }: Cast, session: Session): Promise<void> {
  stage.step('Bundle and deploy the functions of serverless.yml');
  const took = stopwatch(context);
  const names = await deployFunctions(child.cloud, session);
  stage.fact(`${names.join(', ')}: deployed after ${formatDuration(took())}.`);
}

async function run(cast: Cast, session: Session, demo: DemoJob): Promise<Exported> {
  const { context, stage, child, rows } = cast;
  stage.step(`Run ${JOB_FILE} on the functions`);
  const exported = await exportOrders(context, stage, session, child, demo, rows);
  stage.lines(...reportLines(exported.end, context.out.colors));
  return exported;
}

async function check({ context, stage, child, rows }: Cast, { target }: DemoJob): Promise<ReadBack> {
  stage.step('Read the export back with ali-oss and compare it with the source');
  const took = stopwatch(context);
  const place = { bucket: target.bucket, prefix: target.object };
  const found = await readBack(child.cloud, place, rows, (read) =>
    stage.progress(`${countOf(read, 'row')} compared`),
  );
  stage.lines(
    ...found.firstLines.map((line) => context.out.colors.dim(`| ${line.replaceAll('\r', '␍')}`)),
    ...formatPairs(
      [
        ['in the table', countOf(rows, 'row')],
        ['in the export', `${countOf(found.rows, 'row')} in ${countOf(found.objects, 'object')}`],
        ['missing', String(found.missing)],
        ['twice', String(found.duplicates)],
        ['different', String(found.different + found.strangers)],
      ],
      '',
    ),
  );
  stage.fact(`Every field of every row was compared, in ${formatDuration(took())}.`);
  return found;
}

/** Milliseconds since now. */
export function stopwatch({ clock }: CommandContext): () => number {
  const startMs = clock.monotonicMs();
  return () => clock.monotonicMs() - startMs;
}
