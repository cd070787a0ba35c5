import { SyncError } from '../errors/index.ts';
import type { DatabaseConnection } from './connection-config.ts';

/** One of the places where a database may be. */
export type Address = DatabaseConnection['addresses'][number];

/** How a dialect opens a connection, and what it makes of a fault. */
export interface Opening<T> {
  readonly signal: AbortSignal;
  open(address: Address): Promise<T>;
  faultOf(error: unknown, doing: string): SyncError;
}

/** Connects to the first address that answers; only faults that pass lead to the next one. Throws SyncErrors. */
export async function firstAddress<T>(addresses: readonly Address[], opening: Opening<T>): Promise<T> {
  let fault: SyncError | undefined;
  for (const address of addresses) {
    try {
      return await opening.open(address);
    } catch (error) {
      fault = opening.faultOf(error, `cannot connect to ${address.host}:${address.port}`);
      if (fault.kind !== 'transient' || opening.signal.aborted) throw fault;
    }
  }
  throw fault ?? new SyncError('BUG-9001', 'bug', 'a connection has no address');
}
