import type { Systems } from '../run/engine.ts';
import type { DeskDeps } from './desk.ts';
import { DESK, DeskReader } from './desk-reader.ts';

/** The systems, and the desk as a source: whoever moves a run with them can move a replay. */
export const withDesk = (systems: Systems, deps: Omit<DeskDeps, 'systems'>): Systems => ({
  openReader: async (job, signal) =>
    job.reader.type === DESK
      ? new DeskReader({ ...deps, systems }, job.reader.params)
      : systems.openReader(job, signal),
  openWriter: (job, signal) => systems.openWriter(job, signal),
  ...(systems.openFolder && { openFolder: systems.openFolder.bind(systems) }),
});
