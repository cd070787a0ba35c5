/**
 * Names of calls that are the same in every run. A name tells what the call is to the protocol, not when it came:
 *
 *     GetRow channels 1                   operation, status table, row
 *     PutRow shards 00000 checkpoint      the same and what becomes of the row
 *     PutRow runs R PLANNING to RUNNING   R stands for the run, R.r1 for its successor
 *     GetRange narrow                     other tables, lists of rows: operation and table
 *     UploadPart output                   objects of the output all have one name: theirs differ from run to run
 *     InvokeFunction worker
 */
import type { FaultPoint } from '../../infra/local/service.ts';
import { type NamedRow, namedRow } from './stored-message.ts';

/** Output objects bear 32 hex digits. */
const OUTPUT = /__[0-9a-f]{32}/;
const STATUS = 'millrace_';
/** Calls that name one row. */
const OF_A_ROW: ReadonlySet<string> = new Set(['GetRow', 'PutRow', 'DeleteRow']);

type Columns = NamedRow['columns'];

/** Names the calls of one run, in order of arrival: what a write does depends on what was written before. */
export class CallNames {
  readonly #runId: string;
  /** Status rows as they were put last, by table and key. */
  readonly #rows = new Map<string, Columns>();

  constructor(runId: string) {
    this.#runId = runId;
  }

  /** The name of a call that has not been performed yet. */
  nameOf(point: FaultPoint): string {
    const { service, operation, key } = point;
    if (service === 'oss') return `${operation} ${this.#withoutRun(objectOf(key))}`;
    if (service === 'fc') return `${operation} ${key}`;
    const row = statusRow(point);
    const table = (key.split(/[/;]/)[0] ?? '').replace(STATUS, '');
    if (!row) return `${operation} ${table}`;
    const name = `${operation} ${table} ${this.#rowName(row)}`;
    const before = this.#rows.get(rowKey(table, row));
    return operation === 'PutRow' ? `${name} ${transitionOf(table, before, row.columns)}` : name;
  }

  /** Remembers what the call makes of a row; to be told of every call that is performed, whoever sends it. */
  performed(point: FaultPoint): void {
    const row = point.operation === 'PutRow' ? statusRow(point) : undefined;
    const table = (point.key.split('/')[0] ?? '').replace(STATUS, '');
    if (row) this.#rows.set(rowKey(table, row), row.columns);
  }

  /** The id; and the run, where that is only in the scope and not the one that was started. */
  #rowName({ key: [scope = '', id = ''] }: NamedRow): string {
    const run = scope.split('/')[1];
    const name = this.#withoutRun(/^\d{10}$/.test(id) ? String(Number(id)) : id);
    return run === undefined || run === this.#runId ? name : `${name} of ${this.#withoutRun(run)}`;
  }

  readonly #withoutRun = (text: string): string => text.replaceAll(this.#runId, 'R');
}

const rowKey = (table: string, { key }: NamedRow): string => `${table} ${key.join(' ')}`;

function statusRow({ operation, key, body }: FaultPoint): NamedRow | undefined {
  return body && key.startsWith(STATUS) && OF_A_ROW.has(operation) ? namedRow(body) : undefined;
}

function objectOf(key: string): string {
  if (key.includes('/_millrace/')) return key.slice(key.lastIndexOf('/') + 1);
  return OUTPUT.test(key) ? 'output' : key;
}

/** What a write is to the protocol. */
function transitionOf(table: string, before: Columns | undefined, after: Columns): string {
  if (table === 'dirty') return 'keep';
  if (!before) return 'insert';
  const is = (name: string): boolean => before.get(name) !== after.get(name);
  const found = (TRANSITIONS[table] ?? []).find(([when]) => when(is, after, before));
  if (found) return typeof found[1] === 'string' ? found[1] : found[1](before, after);
  // Repeated after a lost answer, or a change that has no name of its own.
  const changed = [...after.keys()].filter((name) => name !== 'nonce' && name !== 'ver' && is(name));
  return changed.length === 0 ? 'again' : `with ${changed.join()}`;
}

/** Holds when the columns changed in this way. */
type When = (is: (column: string) => boolean, after: Columns, before: Columns) => boolean;
type Named = string | ((before: Columns, after: Columns) => string);

/** Of a holder that was replaced meanwhile. */
const isTooLate: When = (_, after, before) => Number(after.get('epoch')) < Number(before.get('epoch'));

/** The first line that fits names the write. */
const TRANSITIONS: Readonly<Record<string, readonly (readonly [When, Named])[]>> = {
  runs: [
    [(is) => is('state'), (before, after) => `${before.get('state')} to ${after.get('state')}`],
    [(is) => is('resumedBy'), 'resumed'],
    [(is) => is('discarded'), 'discarded'],
    [(is) => is('stop'), (_, after) => `stop ${after.get('stop')}`],
    [(is) => is('begun'), 'begun'],
    [(is, after) => is('hungry') && after.get('hungry') === 'true', 'hungry'],
    [(is) => is('hungry'), 'fed'],
    [(is, after) => is('drivenUntilMs') && after.get('drivenUntilMs') === '0', 'drive over'],
    [(is) => is('drivenUntilMs'), (_, after) => `drive ${after.get('state')}`],
  ],
  shards: [
    // Of a row that is there already, which refuses it.
    [(is, after) => is('epoch') && after.get('epoch') === '0', 'insert'],
    [isTooLate, 'too late'],
    [(is) => is('movedTo'), 'close'],
    [(is, after) => is('epoch') && after.get('state') === 'LEASED', 'claim'],
    [(is) => is('children'), 'narrow'],
    [(is, after) => is('state') && after.get('state') === 'DONE', 'done'],
    [(is) => is('state') && is('fault'), 'put back after a fault'],
    [(is) => is('state') && is('cursor'), 'put back further on'],
    [(is) => is('state'), 'put back'],
    [(is) => is('cursor') || is('sink') || is('counters'), 'checkpoint'],
    [(is) => is('leaseUntilMs'), 'renew'],
  ],
  channels: [
    [(is, after) => is('epoch') && after.get('epoch') === '0', 'insert'],
    [isTooLate, 'too late'],
    [(is) => is('epoch'), 'claim'],
    [(is, after) => is('owner') && after.get('idle') === 'true', 'release idle'],
    [(is) => is('owner'), 'release'],
    [(is) => is('leaseUntilMs'), 'renew'],
  ],
  jobs: [[() => true, 'deploy']],
};
