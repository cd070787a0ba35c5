import type { DeskStore } from '../dirty/desk-store.ts';
import type { FaultKind } from '../errors/index.ts';
import { withRetry } from '../limits/retry.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { StateStore } from '../run/state.ts';
import { createTablestoreClient, type TablestoreClient } from '../tablestore/index.ts';
import { createDeskStore } from './desk-store.ts';
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
  readonly desk: DeskStore;
  createTables(): Promise<void>;
  close(): void;
}

const RETRY = { maxAttempts: 6, baseMs: 100, capMs: 3_000 } as const;
/**
 * A busy service is waited for longer: giving up costs the caller its lease. Less than two thirds of the shortest lease
 * in use (20 s), because renewing begins after one third.
 */
const BUSY = { ...RETRY, maxAttempts: 20, budgetMs: 12_000, kinds: ['throttled'] } as const;
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
  const tables = tablestoreRowTables(client, location.tablePrefix, retryOf(['transient'], ports));
  return {
    store: createStateStore(tables, ports.random),
    desk: createDeskStore(tables('dirty'), ports.random),
    createTables: () =>
      createStateTables(client, location.tablePrefix, retryOf(['transient', 'unknown'], ports)),
    close: () => client.close(),
  };
}

/**
 * Rows: repeats what certainly had no effect, reads and writes that the service refused while busy. A write whose answer
 * was lost is passed on, to be settled by reading back. Creating a table may be repeated after a lost answer too: it
 * then exists.
 */
const retryOf =
  (kinds: readonly FaultKind[], ports: { clock: Clock; random: Random }): Retry =>
  (call) =>
    withRetry(() => withRetry(call, { ...RETRY, kinds }, ports), BUSY, ports);
