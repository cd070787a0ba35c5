/** `millrace resume RUN` */
import { resumeRun, runPath } from '../../core/run/index.ts';
import { conduct } from '../conduct.ts';
import type { CommandContext, Outcome } from '../context.ts';
import { parseErrorLimit, usageFault } from '../job-file.ts';
import { prepareLocal } from '../local-run.ts';
import { resolveRun } from '../run-names.ts';
import { type Place, withSession } from '../session.ts';

/** Options of `resume`. */
export interface ResumeOptions {
  readonly errorLimit?: string;
  readonly on: Place;
  readonly wait: boolean;
}

/** Goes on with a paused, interrupted or failed run and accompanies it. */
export async function resumeCommand(
  context: CommandContext,
  name: string,
  options: ResumeOptions,
): Promise<Outcome> {
  if (!options.wait && options.on === 'process') throw usageFault('--no-wait needs --on functions');
  const errorLimit = parseErrorLimit(options.errorLimit);
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    await prepareLocal(context, session, options.on, run.job);
    return conduct(context, session, options.on, options.wait, async (deps) => {
      const ref = await resumeRun(deps, run, errorLimit === undefined ? {} : { errorLimit });
      const isSuccessor = ref.runId !== run.runId;
      context.out.event('run', { run: runPath(ref), ...ref, resumeOf: runPath(run) });
      context.out.line(
        isSuccessor
          ? `Run ${context.out.colors.bold(runPath(ref))} takes over the shards of ${runPath(run)}`
          : `Run ${context.out.colors.bold(runPath(ref))} goes on`,
      );
      return ref;
    });
  });
}
