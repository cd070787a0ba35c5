/** `millrace verify RUN` */
import { columnNames } from '../../core/dirty/corrections.ts';
import { runPath } from '../../core/run/index.ts';
import { type VerifyHooks, type VerifyOptions, verifyRun } from '../../core/verify/verify-run.ts';
import type { CommandContext, Outcome } from '../context.ts';
import { type Meter, meterSystems } from '../metered-systems.ts';
import { countOf } from '../quantity.ts';
import { resolveRun } from '../run-names.ts';
import { noInvoker, withSession } from '../session.ts';
import { exitCodeOfVerify, unitData, verifyData, verifyLines } from '../verify-report.ts';

/** A sign of life at least this often. */
const HEARTBEAT_MS = 10_000;

/** Reads the target of a run again and compares it with the source. */
export async function verifyCommand(
  context: CommandContext,
  name: string,
  options: VerifyOptions,
): Promise<Outcome> {
  const { out, clock } = context;
  return withSession(context, undefined, async (session) => {
    const run = await resolveRun(session.state, name);
    const meter: Meter = { rows: 0, bytes: 0 };
    const deps = session.engine(noInvoker, meterSystems(session.systems, meter, clock));
    let rows = 0;
    let toldMs = clock.monotonicMs();
    const progress = (more: number): void => {
      rows += more;
      if (clock.monotonicMs() - toldMs < HEARTBEAT_MS) return;
      toldMs = clock.monotonicMs();
      out.note(`verifying ${runPath(run)}: ${countOf(rows, 'row')} compared`);
    };
    const onUnit: VerifyHooks['onUnit'] = (unit, columns, of) =>
      out.event('unit', { of, ...unitData(unit, columnNames(columns)) });
    const { signal } = new AbortController();
    const report = await verifyRun(deps, run, { progress, onUnit }, signal, options);
    for (const line of verifyLines(runPath(run), report, out.colors)) out.line(line);
    return { exitCode: exitCodeOfVerify(report), data: verifyData(runPath(run), report) };
  });
}
