import type { ConnectorContext } from '../../../core/connectors/contract.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';

/** What a connector may use in a test: the machine's clock, no log, times of Shanghai. */
export const testContext = (over: Partial<ConnectorContext> = {}): ConnectorContext => ({
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal: new AbortController().signal,
  ...over,
});
