import { asSyncError } from '../errors/index.ts';
import { backoffMs } from '../limits/backoff.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { StateStore } from '../run/state.ts';
import { createTablestoreClient, type TablestoreClient } from '../tablestore/index.ts';
import { createStateStore } from './state-store.ts';
import { createStateTables, type Retry, stateCodes, tablestoreRowTables } from './tablestore-row-table.ts';

/** Where the status tables are. */
export interface StateLocation {
  readonly endpoint: string;
  readonly instanceName: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
  readonly tablePrefix: string;
}

/** An open state store. Creating the tables is idempotent and done by deployments, not by every run. */
export interface OpenStateStore {
  readonly store: StateStore;
  createTables(): Promise<void>;
  close(): void;
}

const MAX_ATTEMPTS = 6;
const BACKOFF = { baseMs: 100, capMs: 3_000 };
const CALL_TIMEOUT_MS = 10_000;

/** Connects to the status tables; nothing is sent yet. */
export function openStateStore(
  location: StateLocation,
  ports: { clock: Clock; random: Random },
): OpenStateStore {
  const client: TablestoreClient = createTablestoreClient(
    { ...location, timeoutMs: CALL_TIMEOUT_MS, codes: stateCodes },
    { clock: ports.clock },
  );
  const tables = tablestoreRowTables(client, location.tablePrefix, retryHarmless(ports));
  return {
    store: createStateStore(tables, ports.random),
    createTables: () => createStateTables(client, location.tablePrefix),
    close: () => client.close(),
  };
}

/**
 * Repeats what certainly had no effect: reads, and writes that the service refused while busy. A write whose
 * answer was lost is passed on, to be settled by reading back.
 */
const retryHarmless =
  ({ clock, random }: { clock: Clock; random: Random }): Retry =>
  async (call) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        const { kind } = asSyncError(error);
        if ((kind !== 'throttled' && kind !== 'transient') || attempt + 1 >= MAX_ATTEMPTS) throw error;
        await clock.sleep(backoffMs(attempt, BACKOFF, random));
      }
    }
  };
