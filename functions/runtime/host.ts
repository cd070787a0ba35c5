import type { LoadOptions, ProjectBasics } from '../../core/job/index.ts';
import type { Clock, Logger } from '../../core/ports/index.ts';
import type { EngineDeps, RunOptions } from '../../core/run/index.ts';

/** What the functions of one instance stand on; everything process-wide comes through it. */
export interface Host {
  readonly clock: Clock;
  readonly log: Logger;
  /** Pace and patience of the runs that timers start. */
  readonly runOptions: RunOptions;
  readonly findConnector: LoadOptions['findConnector'];
  /** The project as deployed. Throws when there is none. */
  project(): ProjectBasics;
  /** The engine, made once and kept while the instance is warm. */
  engine(): Promise<EngineDeps>;
}
