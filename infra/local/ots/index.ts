import { type LocalService, type LocalServiceOptions, systemClock } from '../service.ts';
import { Gateway } from './http/server.ts';
import type { Durability } from './log/append-log.ts';
import type { LocalRow } from './row/value.ts';
import { bulkLoad } from './table/bulk-load.ts';
import { Instance } from './table/instance.ts';

export type { LocalRow, LocalValue } from './row/value.ts';

/** How to start the service. */
export interface OtsServiceOptions extends LocalServiceOptions {
  /** When given, requests for other instances are refused with OTSAuthFailed. */
  readonly instanceName?: string;
  /** With `fsync` (the default) an acknowledged write survives a power cut; with `buffered`, a crash of the process. */
  readonly durability?: Durability;
}

/** Calls per operation name since the start. */
export type OtsStats = Readonly<Record<string, number>>;

/** A running Tablestore service. */
export interface OtsService extends LocalService {
  /**
   * Puts rows without HTTP, through the same store and change log, and returns how many. Durable when it
   * returns. Throws the service's error on an unknown table or a row that does not fit; rows before it stay.
   */
  bulkLoad(table: string, rows: Iterable<LocalRow>): number;
  stats(): OtsStats;
}

/**
 * Starts an embedded Tablestore on 127.0.0.1. With `dataDir` its tables are read from there first; a damaged
 * log (other than an unfinished last write) is refused.
 */
export async function startOts(options: OtsServiceOptions): Promise<OtsService> {
  const { clock = systemClock, durability = 'fsync', port: wantedPort = 0, dataDir, keys } = options;
  const instance = new Instance(clock, dataDir, durability);
  const gateway = new Gateway({
    instance,
    keys,
    instanceName: options.instanceName,
    faults: options.faults,
  });
  const port = await gateway.listen(wantedPort);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await gateway.close();
    await instance.close();
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    bulkLoad: (table, rows) => bulkLoad(instance, table, rows),
    stats: () => Object.fromEntries(gateway.counts),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
