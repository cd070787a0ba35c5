/** `millrace cancel RUN` */
import { cancelRun, runPath } from '../../core/run/index.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { resolveRun } from '../run-names.ts';
import { noInvoker, withSession } from '../session.ts';

/** Ends a run for good and throws away what it left in the target. */
export async function cancelCommand(context: CommandContext, name: string): Promise<Outcome> {
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    await cancelRun(session.engine(noInvoker), run, new AbortController().signal);
    context.out.line(
      `Run ${context.out.colors.bold(runPath(run))} is canceled; nothing of it is left in the target.`,
    );
    return succeeded({ run: runPath(run), state: 'CANCELED' });
  });
}
