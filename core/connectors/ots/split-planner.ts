/** Cutting a range into shards: at the job's own values, or by stored size. */
import { SyncError } from '../../errors/index.ts';
import { INF_MIN, type KeyBound, type KeyColumn, type TableSchema } from '../../tablestore/index.ts';
import { compareKeys, padKey } from './key.ts';
import { isBefore, type KeyRange } from './range.ts';

/** Pieces of this size at first; the unit that services without the parameter always use. */
export const FIRST_UNIT_BYTES = 100 * 1024 * 1024;
/** Smaller pieces cost more to start than to read. */
export const MIN_UNIT_BYTES = 16 * 1024;
/** A run may have at most this many shards. */
export const MAX_SHARDS = 10_000;
/** Each call costs read capacity. */
const MAX_CALLS = 4;
/** Up to this many times the wanted number is left as it is. */
const TOLERANCE = 2;
/**
 * Pieces of the first unit are large enough to have this many per wanted one: equal pieces take unequal time,
 * and a worker that is done early takes the next. Smaller tables are not cut finer, for the sake of few objects.
 */
const PIECES_PER_CHANNEL = 4;

/** Asks the service where to cut the whole table into pieces of `unitBytes`. */
export type AskPoints = (unitBytes: number) => Promise<readonly (readonly KeyColumn<KeyBound>[])[]>;

/** One piece of a range. */
export interface Piece {
  readonly range: KeyRange;
  readonly estimatedBytes?: number;
}

/** Cuts, as whole keys strictly inside the range and in scan order, with the size they were asked for. */
interface SizedCuts {
  readonly cuts: readonly (readonly KeyBound[])[];
  readonly unitBytes: number;
}

/** The pieces between the cuts. */
export function piecesAt(
  range: KeyRange,
  cuts: readonly (readonly KeyBound[])[],
  bytes: readonly number[] = [],
): Piece[] {
  const { direction } = range;
  const bounds = [range.begin, ...cuts, range.end];
  return bounds.slice(1).map((end, i) => {
    const piece = { direction, begin: bounds[i]!, end };
    return bytes[i] === undefined ? { range: piece } : { range: piece, estimatedBytes: bytes[i] };
  });
}

/**
 * About `want` pieces of about equal stored size. Starts with the service's own unit and makes it smaller while
 * too few pieces come; many small pieces are joined. Services that ignore the unit give what they give.
 */
export async function piecesBySize(
  range: KeyRange,
  key: TableSchema['key'],
  want: number,
  ask: AskPoints,
): Promise<Piece[]> {
  const wanted = Math.min(want, MAX_SHARDS);
  let best: SizedCuts = { cuts: [], unitBytes: FIRST_UNIT_BYTES };
  let unitBytes = FIRST_UNIT_BYTES;
  for (let call = 0; call < MAX_CALLS; call++) {
    const cuts = cutsInside(range, await ask(unitBytes), key);
    if (cuts.length >= best.cuts.length) best = { cuts, unitBytes };
    if (cuts.length + 1 >= wanted || unitBytes === MIN_UNIT_BYTES) break;
    unitBytes = smallerUnit(unitBytes, cuts.length + 1, wanted);
  }
  return joined(range, best, wanted);
}

/** Neighbours joined until there are at most so many. */
export function joinedPieces(pieces: readonly Piece[], most: number): readonly Piece[] {
  if (pieces.length <= most) return pieces;
  return Array.from({ length: most }, (_, i): Piece => {
    const group = pieces.slice((i * pieces.length) / most, ((i + 1) * pieces.length) / most);
    const range = { ...group[0]!.range, end: group.at(-1)!.range.end };
    return { range, estimatedBytes: group.reduce((sum, piece) => sum + (piece.estimatedBytes ?? 0), 0) };
  });
}

/** With several pieces their number tells the size of the range; a single one may be of any size. */
function smallerUnit(unitBytes: number, pieces: number, wanted: number): number {
  const divisor = pieces === 1 ? wanted * 4 : Math.max(2, wanted / pieces);
  return Math.max(MIN_UNIT_BYTES, Math.floor(unitBytes / divisor));
}

/** Points of the whole table as cuts of the range. Left-out columns of a point count as INF_MIN. */
function cutsInside(
  range: KeyRange,
  points: readonly (readonly KeyColumn<KeyBound>[])[],
  key: TableSchema['key'],
): KeyBound[][] {
  const cuts = points
    .map((point) => wholeKey(point, key))
    .filter((cut) => isBefore(range.direction, range.begin, cut) && isBefore(range.direction, cut, range.end))
    .sort((a, b) => (range.direction === 'FORWARD' ? compareKeys(a, b) : compareKeys(b, a)));
  return cuts.filter((cut, i) => i === 0 || compareKeys(cuts[i - 1]!, cut) !== 0);
}

function wholeKey(point: readonly KeyColumn<KeyBound>[], key: TableSchema['key']): KeyBound[] {
  const fits = point.length <= key.length && point.every((column, i) => column.name === key[i]!.name);
  if (!fits) throw new SyncError('SRC-2005', 'transient', 'a split point is not a key of the table');
  return padKey(
    point.map((column) => column.value),
    key.length,
    INF_MIN,
  );
}

function joined(range: KeyRange, { cuts, unitBytes }: SizedCuts, wanted: number): Piece[] {
  const pieces = cuts.length + 1;
  const most = Math.min(MAX_SHARDS, unitBytes === FIRST_UNIT_BYTES ? wanted * PIECES_PER_CHANNEL : wanted);
  const shards = pieces > most * TOLERANCE || pieces > MAX_SHARDS ? most : pieces;
  const firsts = Array.from({ length: shards + 1 }, (_, i) => Math.floor((i * pieces) / shards));
  const kept = firsts.slice(1, -1).map((first) => cuts[first - 1]!);
  if (pieces === 1) return piecesAt(range, []);
  const bytes = firsts.slice(1).map((first, i) => (first - firsts[i]!) * unitBytes);
  return piecesAt(range, kept, bytes);
}
