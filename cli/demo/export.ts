/** The run itself: started as `millrace run --on functions --local` does it, watched, and disturbed once. */
import { adHocRunId, createRun, defaultRunOptions, type RunOptions } from '../../core/run/index.ts';
import type { CommandContext } from '../context.ts';
import { prepareLocal } from '../local-run.ts';
import { ProgressModel, type Snapshot } from '../progress/view.ts';
import { countOf, formatCount, formatDuration } from '../quantity.ts';
import { watchRun } from '../run-watch.ts';
import type { Session } from '../session.ts';
import type { CloudChild } from './cloud-child.ts';
import type { DemoJob } from './job.ts';
import { Sabotage } from './sabotage.ts';
import type { Stage } from './stage.ts';

/** Short leases, so that a lost shard is taken over while somebody watches; a checkpoint after every page. */
const OPTIONS: RunOptions = { ...defaultRunOptions, leaseMs: 3_000, checkpointMs: 1 };

/** The job alone would be over before anybody could disturb it: it is slowed down to take about this long. */
const RUN_SECONDS = 6;

/** A run that is not over by then has failed, however slow the machine is. */
const RUN_LIMIT_MS = 240_000;

/** What the run was like. */
export interface Exported {
  readonly end: Snapshot;
  readonly sabotage: Sabotage;
}

/** Runs the job on the functions until it is over, or the time for it is. */
export async function exportOrders(
  context: CommandContext,
  stage: Stage,
  session: Session,
  child: CloudChild,
  demo: DemoJob,
  rows: number,
): Promise<Exported> {
  const recordsPerSecond = Math.max(1, Math.round(rows / RUN_SECONDS));
  const { setting } = demo.job;
  const job = { ...demo.job, setting: { ...setting, speed: { ...setting.speed, recordsPerSecond } } };
  stage.fact(
    `Slowed down to ${formatCount(recordsPerSecond)} rows/s, so that there is something to disturb.`,
  );
  // The functions are deployed already; what is left to prepare is the bucket.
  await prepareLocal(context, session, 'process', job);
  const deps = session.engine(session.functions());
  const { scheduledMs } = demo.schedule;
  const ref = { jobId: demo.jobId, runId: adHocRunId(scheduledMs, context.random.nonce()) };
  await createRun(deps, { ...ref, job, options: OPTIONS, scheduledMs });
  const sabotage = sabotageOf(context, stage, child);
  const model = new ProgressModel();
  const end = await watchRun(ref, {
    ...deps,
    signal: AbortSignal.timeout(RUN_LIMIT_MS),
    onSnapshot: (snapshot) => {
      sabotage.look(snapshot);
      stage.show(model.view(snapshot, undefined, false));
      return false;
    },
  });
  await sabotage.settled;
  return { end, sabotage };
}

function sabotageOf(context: CommandContext, stage: Stage, child: CloudChild): Sabotage {
  const { colors } = context.out;
  const seconds = OPTIONS.leaseMs / 1_000;
  return new Sabotage({
    leaseMs: OPTIONS.leaseMs,
    busyWorkers: () => child.busyWorkers(),
    kill: (pid) => process.kill(pid, 'SIGKILL'),
    nowMs: () => context.clock.monotonicMs(),
    onKill: ({ pid }) => {
      stage.fact(
        `Worker process ${pid} killed on purpose (SIGKILL), in the middle of a shard.`,
        colors.yellow,
      );
      stage.fact(`Its lease on the shard ends within ${seconds} s; then another worker may take it over.`);
    },
    onRecovery: ({ shardId, epoch, checkpointRows, afterMs }) =>
      stage.fact(
        `Shard ${shardId} was taken over after ${formatDuration(afterMs)}, as epoch ${epoch}: it goes on after its last checkpoint, at ${countOf(checkpointRows, 'row')}.`,
        colors.green,
      ),
  });
}
