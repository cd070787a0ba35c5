import { RunNames } from '../../core/connectors/oss/object-name.ts';
import type { RunRef } from '../../core/types/run-ref.ts';

/** Where a run of the sweep writes, and what was there before it. */
export interface OutputNames {
  /** Everything of the run lies below it. */
  readonly folder: string;
  /** `object` of the job. */
  readonly object: string;
  /** An object of an older output, which the run has to replace. */
  readonly old: string;
  readonly manifest: string;
  /** Begins the names of all of the run's objects and uploads. */
  readonly runPrefix: string;
  /** A name that an attempt which nobody knows of would have used. */
  readonly forgotten: string;
}

/** The names of what `run` commits, which may be the successor of the run that was started. */
export function outputNames(started: RunRef, run: RunRef = started): OutputNames {
  const folder = `sweep/${started.runId}/`;
  const object = `${folder}part`;
  const names = new RunNames(object, '.csv', run);
  return {
    folder,
    object,
    old: `${object}-of-yesterday.csv`,
    manifest: names.control('manifest.json'),
    runPrefix: names.runPrefix,
    forgotten: `${names.runPrefix}${'0'.repeat(16)}.csv`,
  };
}
