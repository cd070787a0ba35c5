/** The subject: the same export as a run of Millrace in one process, status tables and commit included. */

import { InProcessInvoker } from '../../cli/in-process-invoker.ts';
import { createSystems } from '../../core/connectors/systems.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import { createRun, defaultRunOptions, type EngineDeps, isTerminal } from '../../core/run/index.ts';
import { openStateStore } from '../../core/stores/index.ts';
import { exportJob, inlineDataSources } from '../../test/support/export-job.ts';
import { serveSubject } from '../child.ts';
import type { ExportInput } from '../export.ts';

const LOOK_MS = 10;

serveSubject<ExportInput>(async ({ address, prefix, concurrent }) => {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const { accessKeyId, accessKeySecret } = address;
  const location = {
    endpoint: address.ots,
    instanceName: 'local',
    accessKeyId,
    accessKeySecret,
    tablePrefix: 'bench_',
  };
  const state = openStateStore(location, ports);
  await state.createTables();
  const invoker = new InProcessInvoker();
  const systems = createSystems({
    ...ports,
    dataSources: inlineDataSources(address),
    secrets: { env: () => undefined, file: () => undefined },
  });
  const deps: EngineDeps = { ...ports, state: state.store, systems, invoker };
  const run = { jobId: 'bench', runId: `r${process.pid}` };
  return async () => {
    invoker.attach(deps, run);
    await createRun(deps, {
      ...run,
      job: exportJob(prefix, { concurrent }),
      options: defaultRunOptions,
      scheduledMs: Date.now(),
    });
    for (;;) {
      const row = (await state.store.runs.get(run))?.value;
      if (row && isTerminal(row.state)) {
        if (!row.receipt) throw new Error(`the run failed: ${row.failure?.message}`);
        return { rows: row.receipt.counters.written, bytes: row.receipt.bytesWritten };
      }
      await systemClock.sleep(LOOK_MS);
    }
  };
});
