import type { LocalClock } from '../../service.ts';
import type { AsyncQueue } from '../async/queue.ts';
import type { TaskLedger } from '../async/tasks.ts';
import type { Counters } from '../counters.ts';
import type { FunctionInvoker } from '../invoker.ts';
import type { Catalog } from '../model/catalog.ts';
import type { CodeStore } from '../model/code-store.ts';

/** What the routes work with. */
export interface RouteParts {
  readonly catalog: Catalog;
  readonly codes: CodeStore;
  readonly invoker: FunctionInvoker;
  readonly queue: AsyncQueue;
  readonly tasks: TaskLedger;
  readonly counters: Counters;
  readonly clock: LocalClock;
  /** The time in the form of `createdTime`. */
  readonly now: () => string;
  /** Base URL of the running server. */
  readonly endpoint: () => string;
}
