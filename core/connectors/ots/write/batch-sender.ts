/** Writes one batch until each of its rows is stored or refused. */
import { asSyncError, SyncError } from '../../../errors/index.ts';
import { type RetryPolicy, type RetryPorts, withRetry } from '../../../limits/retry.ts';

/** A row that the service refused. */
export interface Refusal {
  readonly fragment: number;
  readonly error: SyncError;
}

/**
 * Sends these fragments in one request. Answers in their order: nothing for a row that is stored, else its fault.
 * Throws the fault of the request as a whole.
 */
export type SendRows = (fragments: readonly number[]) => Promise<readonly (SyncError | undefined)[]>;

/** Faults of a row that no repetition mends and that say nothing about the others. */
const ROW_CODES = new Set([
  'OTSParameterInvalid',
  'OTSInvalidPK',
  'OTSOutOfRowSizeLimit',
  'OTSOutOfColumnCountLimit',
  'OTSDataOutOfRange',
  'OTSRequestBodyTooLarge',
]);

const isOfRow = (error: SyncError): boolean => ROW_CODES.has(String(error.detail.otsCode ?? ''));

/**
 * Sends a batch. Rows that come back throttled, or whose fate is unknown, are sent again: writing the same values once
 * more changes nothing. A request refused as a whole is cut in halves until the row at fault stands alone. Throws what
 * is no fault of a row: credentials, a table that is gone, faults that outlast the tries.
 */
export async function sendBatch(
  send: SendRows,
  fragments: readonly number[],
  policy: RetryPolicy,
  ports: RetryPorts,
): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  let left = fragments;
  try {
    await withRetry(
      async () => {
        const outcomes = await send(left);
        const sorted = sortOut(left, outcomes);
        refusals.push(...sorted.refusals);
        left = sorted.again;
        if (sorted.fault) throw sorted.fault;
      },
      policy,
      ports,
    );
    return refusals;
  } catch (caught) {
    const error = asSyncError(caught);
    if (!isOfRow(error)) throw error;
    if (left.length === 1) return [...refusals, refusalOf(left[0]!, error)];
    const middle = left.length >> 1;
    const first = await sendBatch(send, left.slice(0, middle), policy, ports);
    const second = await sendBatch(send, left.slice(middle), policy, ports);
    return [...refusals, ...first, ...second];
  }
}

interface Sorted {
  readonly refusals: readonly Refusal[];
  readonly again: readonly number[];
  /** Why the rows have to be sent again, or must not. */
  readonly fault: SyncError | undefined;
}

function sortOut(fragments: readonly number[], outcomes: readonly (SyncError | undefined)[]): Sorted {
  const refusals: Refusal[] = [];
  const again: number[] = [];
  let fault: SyncError | undefined;
  fragments.forEach((fragment, i) => {
    const error = outcomes[i];
    if (!error) return;
    if (isOfRow(error)) refusals.push(refusalOf(fragment, error));
    else {
      again.push(fragment);
      if (fault === undefined || fault.retryable) fault = error;
    }
  });
  return { refusals, again, fault };
}

const refusalOf = (fragment: number, error: SyncError): Refusal => ({
  fragment,
  error: new SyncError('DST-4045', 'data', error.message, error.detail, { cause: error }),
});
