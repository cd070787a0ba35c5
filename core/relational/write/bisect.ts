/** Finds the rows that a target refuses by writing halves of the batch again, each behind a savepoint. */
import { SyncError } from '../../errors/index.ts';

/** Faults of one batch whose place is taken from the server's hint; after them only halving bounds the work. */
const MAX_HINTS = 8;

/** A refusal by the server whose place it told. */
export class RefusedRow extends SyncError {
  /** Fragment at fault, counted from the first one of the statement; absent = not told. */
  readonly offset: number | undefined;
  /** Name of the target column at fault; absent = not told. */
  readonly column: string | undefined;

  constructor(fault: SyncError, place: { readonly offset?: number; readonly column?: string }) {
    super(fault.code, 'data', fault.message, fault.detail, { cause: fault.cause });
    this.offset = place.offset;
    this.column = place.column;
  }
}

/** A fragment that the target refused. */
export interface Refusal {
  readonly fragment: number;
  readonly fault: SyncError;
}

/** Writes the fragments `from` to `to` or nothing of them. */
export type TryLoad = (from: number, to: number) => Promise<void>;

/**
 * Writes all fragments from `from` to `to` that the target takes, in order, and returns the others. Only faults of
 * kind `data` are looked into; any other ends it. A fragment counts as refused only after it was refused alone.
 */
export async function loadBisecting(load: TryLoad, from: number, to: number): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  const pending: [number, number][] = [[from, to]];
  let hints = 0;
  for (let range = pending.pop(); range; range = pending.pop()) {
    const [begin, end] = range;
    const fault = await refusalOf(load, begin, end);
    if (!fault) continue;
    if (end - begin === 1) {
      refusals.push({ fragment: begin, fault });
      continue;
    }
    const hinted = hints < MAX_HINTS ? hintOf(fault, begin, end) : undefined;
    if (hinted !== undefined) hints++;
    for (const piece of cut(begin, end, hinted).reverse()) pending.push(piece);
  }
  return refusals;
}

async function refusalOf(load: TryLoad, from: number, to: number): Promise<SyncError | undefined> {
  try {
    await load(from, to);
    return undefined;
  } catch (error) {
    if (error instanceof SyncError && error.kind === 'data') return error;
    throw error;
  }
}

function hintOf(fault: SyncError, begin: number, end: number): number | undefined {
  if (!(fault instanceof RefusedRow) || fault.offset === undefined) return undefined;
  const at = begin + fault.offset;
  return at >= begin && at < end ? at : undefined;
}

/** Around the hinted fragment if there is a hint, else in halves. */
function cut(begin: number, end: number, hinted: number | undefined): [number, number][] {
  if (hinted === undefined) {
    const middle = begin + ((end - begin) >> 1);
    return [
      [begin, middle],
      [middle, end],
    ];
  }
  const pieces: [number, number][] = [
    [begin, hinted],
    [hinted, hinted + 1],
    [hinted + 1, end],
  ];
  return pieces.filter(([from, to]) => to > from);
}
