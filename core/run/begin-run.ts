/** RUNNING, before the first row: ready the target, once. */
import type { RunRef } from '../connectors/contract.ts';
import { settleDrive, takeDrive } from './drive.ts';
import { type EngineDeps, type Slice, using } from './engine.ts';
import type { RunRow } from './model.ts';
import { change } from './state.ts';

/** The run, its target ready for the first row. One driver at a time; what ended without a note is repeated. */
export async function beginRun(deps: EngineDeps, run: RunRef, slice: Slice): Promise<RunRow | undefined> {
  const row = (await deps.state.runs.get(run))?.value;
  if (row?.state !== 'RUNNING' || row.begun !== false) return row;
  const driven = await takeDrive(deps, run, 'RUNNING');
  if (driven?.value.begun !== false) return (await deps.state.runs.get(run))?.value;
  try {
    await using(
      deps.systems.openWriter(row.job, slice.signal),
      async (writer) => writer.begin?.(row, row.plan?.columns ?? []),
      deps.log,
    );
    return await noteBegun(deps, run);
  } catch (error) {
    await settleDrive(deps, driven.value, error);
    return undefined;
  }
}

async function noteBegun(deps: EngineDeps, run: RunRef): Promise<RunRow> {
  const { row } = await change<RunRef, RunRow, void>(deps.state.runs, run, (current) =>
    current.state === 'RUNNING'
      ? { result: undefined, next: { ...current, begun: true, drivenUntilMs: 0, driveAttempts: 0 } }
      : { result: undefined },
  );
  return row.value;
}
