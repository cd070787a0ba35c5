/** The subject: a job as a run of Millrace in one process, with its plan, checkpoints and commit; status in memory. */
import { InProcessInvoker } from '../../cli/in-process-invoker.ts';
import { createSystems } from '../../core/connectors/systems.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import { createRun, defaultRunOptions, isTerminal } from '../../core/run/index.ts';
import { createStateStore, MemoryRowTable } from '../../core/stores/index.ts';
import { inlineDataSources } from '../../test/support/export-job.ts';
import { serveSubject } from '../child.ts';
import type { RelationalInput } from '../relational.ts';

const LOOK_MS = 10;

serveSubject<RelationalInput>(async ({ address, job }) => {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const tables = new Map<string, MemoryRowTable>();
  const open = (name: string): MemoryRowTable => {
    const table = tables.get(name) ?? new MemoryRowTable();
    tables.set(name, table);
    return table;
  };
  const state = createStateStore(open, systemRandom);
  const invoker = new InProcessInvoker();
  const secrets = { env: () => undefined, file: () => undefined };
  const systems = createSystems({ ...ports, dataSources: inlineDataSources(address), secrets });
  const deps = { ...ports, state, systems, invoker };
  const run = { jobId: 'bench', runId: `r${process.pid}-${Date.now()}` };
  return async () => {
    invoker.attach(deps, run);
    await createRun(deps, { ...run, job, options: defaultRunOptions, scheduledMs: Date.now() });
    for (;;) {
      const row = (await state.runs.get(run))?.value;
      if (row && isTerminal(row.state)) {
        if (!row.receipt) throw new Error(`the run failed: ${row.failure?.message}`);
        return { rows: row.receipt.counters.written, bytes: row.receipt.bytesWritten };
      }
      await systemClock.sleep(LOOK_MS);
    }
  };
});
