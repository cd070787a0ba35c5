import { setImmediate } from 'node:timers/promises';
import type { Reader } from '../core/connectors/contract.ts';
import type { Clock } from '../core/ports/index.ts';
import type { Systems } from '../core/run/index.ts';
import { cellBytes } from '../core/types/index.ts';

/** What flowed through this process so far. For display only: the exact counts are those of the checkpoints. */
export interface Meter {
  rows: number;
  bytes: number;
}

/** A transfer without any waiting would keep signals and the display from their turn for longer than this. */
const TURN_MS = 30;

/** When this process last let others have their turn; shared by all readers of a run. */
interface Turn {
  atMs: number;
}

/** The systems, counting every block that their readers give and letting others have their turn between blocks. */
export function meterSystems(systems: Systems, meter: Meter, clock: Clock): Systems {
  const turn: Turn = { atMs: clock.monotonicMs() };
  return {
    openReader: async (job, signal) => meterReader(await systems.openReader(job, signal), meter, clock, turn),
    openWriter: (job, signal) => systems.openWriter(job, signal),
    ...(systems.openFolder && { openFolder: systems.openFolder.bind(systems) }),
  };
}

const meterReader = (reader: Reader, meter: Meter, clock: Clock, turn: Turn): Reader => ({
  columns: () => reader.columns(),
  plan: (want) => reader.plan(want),
  close: () => reader.close(),
  ...(reader.split && { split: reader.split.bind(reader) }),
  ...(reader.unheld && { unheld: reader.unheld.bind(reader) }),
  async *read(shard, from) {
    for await (const batch of reader.read(shard, from)) {
      yield batch;
      // Counted when the next block is asked for: by then the sink has taken this one.
      meter.rows += batch.block.rowCount;
      meter.bytes += cellBytes(batch.block);
      if (clock.monotonicMs() - turn.atMs < TURN_MS) continue;
      await setImmediate();
      turn.atMs = clock.monotonicMs();
    }
  },
});
