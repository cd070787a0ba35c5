/** The real systems with a worker that stands still in the middle of a shard, as one that is gone. */
import { createSystems } from '../../core/connectors/systems.ts';
import { silentLogger, systemClock, systemRandom } from '../../core/ports/system.ts';
import type { Systems } from '../../core/run/index.ts';

/** A promise and what keeps it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Systems in which the third block that is read comes only when `letGo` was called. */
export interface StandingStill {
  readonly systems: Systems;
  /** Kept when somebody stands still. */
  readonly vanished: Promise<void>;
  /** Wakes that worker, which must find out that it was replaced. */
  readonly letGo: () => void;
}

/** Opens them; no job may name a data source. */
export function standingStill(): StandingStill {
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const secrets = { env: () => undefined, file: () => undefined };
  const real = createSystems({ ...ports, dataSources: {}, secrets });
  const vanished = gate();
  const freed = gate();
  let blocks = 0;
  const openReader: Systems['openReader'] = async (job, signal) => {
    const reader = await real.openReader(job, signal);
    return {
      columns: () => reader.columns(),
      plan: (want) => reader.plan(want),
      close: () => reader.close(),
      async *read(shard, from) {
        for await (const batch of reader.read(shard, from)) {
          if (++blocks === 3) {
            vanished.open();
            await freed.passed;
          }
          yield batch;
        }
      },
    };
  };
  return { systems: { ...real, openReader }, vanished: vanished.passed, letGo: freed.open };
}
