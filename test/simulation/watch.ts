/** What must hold after every accepted write. Reads the rows with the store's own codecs. */
import type { ChannelRow, RunRow, RunState, ShardRow } from '../../core/run/index.ts';
import { isTerminal, MAY_BE_VISIBLE, runPath, sumCounters } from '../../core/run/index.ts';
import type { StoredRow, TableName } from '../../core/stores/index.ts';
import { channelCodec, runCodec, shardCodec } from '../../core/stores/row-codecs.ts';
import type { Bucket, UploadRecord } from './bucket.ts';
import { lineageOf } from './events.ts';
import type { Ground } from './ground.ts';
import { Instance } from './instance.ts';
import type { WriteWatch } from './row-tables.ts';
import { rangeOf } from './source.ts';

const MOVES: Readonly<Record<RunState, readonly RunState[]>> = {
  PLANNING: ['PLANNING', 'RUNNING', 'FAILED', 'CANCELED'],
  RUNNING: ['RUNNING', 'COMMITTING', 'FAILED', 'CANCELED'],
  COMMITTING: ['COMMITTING', 'SUCCEEDED', 'FAILED'],
  SUCCEEDED: ['SUCCEEDED'],
  FAILED: ['FAILED'],
  CANCELED: ['CANCELED'],
};

/** Codes that a run may fail with when only the faults of the simulation are at work. */
const HONEST_FAILURES = ['RUN-5001', 'RUN-5002', 'RUN-5007', 'SRC-2001', 'SRC-2002', 'DST-4001', 'DST-4002'];

/** Checks every accepted write against the one before it. */
export class Watch implements WriteWatch {
  readonly #ground: Ground;
  readonly #bucket: Bucket;
  /** The rows as they are now. */
  readonly runs = new Map<string, RunRow>();
  /** Shards by the scope of their plan. */
  readonly plans = new Map<string, Map<string, ShardRow>>();
  /** Shards that each owner holds. */
  readonly #held = new Map<string, Set<string>>();
  readonly #movers = new Map<string, Instance>();
  /** When the present holder of a shard claimed it. */
  readonly #claimedMs = new Map<string, number>();
  /** Shards that were claimed after the end of their run. */
  readonly #claimedLate = new Set<string>();
  /** Holders of channels that were replaced, by run. */
  readonly #channelSteals = new Map<string, number>();

  constructor(ground: Ground, bucket: Bucket) {
    this.#ground = ground;
    this.#bucket = bucket;
  }

  applied(table: TableName, before: StoredRow | undefined, after: StoredRow, by: Instance): void {
    by.wroteClaim = false;
    this.#ownLineage(table, after, by);
    if (table === 'dirty' && by.account) by.account.dirtyRows++;
    if (table === 'runs')
      this.#run(before && runCodec.decode(before.columns), runCodec.decode(after.columns), by);
    if (table === 'shards')
      this.#shard(after, before && shardCodec.decode(before.columns), shardCodec.decode(after.columns), by);
    if (table === 'channels')
      this.#channel(
        after,
        before && channelCodec.decode(before.columns),
        channelCodec.decode(after.columns),
        by,
      );
  }

  /** Whoever works for one run leaves the rows of all others alone. */
  #ownLineage(table: TableName, { key }: StoredRow, by: Instance): void {
    if (by.lineage === undefined || table === 'jobs') return;
    const path = table === 'runs' ? `${key.scope}/${key.id}` : table === 'active' ? key.id : key.scope;
    if (lineageOf(path) !== by.lineage)
      this.#ground.violate(`${by.name} works for ${by.lineage} and writes ${table} ${key.scope}/${key.id}`);
  }

  told(table: TableName, stored: StoredRow | undefined, wanted: StoredRow, by: Instance): void {
    if (!stored) return;
    if (table === 'shards') {
      const older = shardCodec.decode(wanted.columns).epoch < shardCodec.decode(stored.columns).epoch;
      if (older) this.#ground.meet('zombie refused');
    }
    if (table === 'channels') {
      const mine = channelCodec.decode(wanted.columns);
      const theirs = channelCodec.decode(stored.columns);
      const taken = theirs.epoch > mine.epoch && theirs.owner !== mine.owner;
      if (taken && mine.owner !== '') by.lostChannel = true;
    }
  }

  /** A manifest is being put: the run must be committing, or have ended while it was. */
  manifest(run: string): void {
    const state = this.runs.get(run)?.state;
    if (state !== 'COMMITTING' && state !== 'SUCCEEDED' && state !== 'FAILED')
      this.#ground.violate(`a manifest is put although ${run} is ${state}`);
  }

  #must(holds: boolean, what: string): void {
    if (!holds) this.#ground.violate(what);
  }

  #run(before: RunRow | undefined, after: RunRow, by: Instance): void {
    const path = runPath(after);
    this.runs.set(path, after);
    if (!before) {
      this.#must(after.state === 'PLANNING', `${path} begins as ${after.state}`);
      return;
    }
    if (after.state === 'PLANNING' && after.driveAttempts > before.driveAttempts && by.account)
      by.account.plans++;
    if (before.state !== after.state) {
      this.#ground.log(by.name, `${path} ${before.state} > ${after.state}`);
      if (after.state === 'RUNNING') this.#besides(path);
      this.#timed(path, after.state);
    }
    this.#must(
      MOVES[before.state].includes(after.state),
      `${path} goes from ${before.state} to ${after.state}`,
    );
    if (before.plan) this.#must(same(before.plan, after.plan), `the sealed plan of ${path} changes`);
    if (isTerminal(before.state)) this.#settled(before, after);
    else if (isTerminal(after.state)) this.#ends(before, after, by);
    if (after.state === 'COMMITTING')
      this.#must(this.#allDone(after), `${path} commits before its shards are done`);
  }

  #timed(path: string, state: RunState): void {
    const account = this.#ground.ledger.of(lineageOf(path));
    const { nowMs } = this.#ground.scheduler;
    if (state === 'RUNNING') account.runningFromMs ??= nowMs;
    else account.runningUntilMs = nowMs;
  }

  #besides(path: string): void {
    const others = [...this.runs].filter(([other]) => lineageOf(other) !== lineageOf(path));
    if (others.some(([, { state }]) => state === 'RUNNING')) this.#ground.meet('runs side by side');
  }

  #settled(before: RunRow, after: RunRow): void {
    const bare = ({ resumedBy: _by, discarded: _discarded, ...row }: RunRow): object => row;
    this.#must(same(bare(before), bare(after)), `${runPath(after)} changes after its end`);
    const { resumedBy, discarded } = before;
    this.#must(
      resumedBy === undefined || resumedBy === after.resumedBy,
      'a resumed run gets another successor',
    );
    this.#must(!discarded || after.discarded, 'a discarded run is no longer discarded');
    this.#must(!after.discarded || after.resumedBy === undefined, 'a run is both discarded and resumed');
  }

  #ends(before: RunRow, after: RunRow, by: Instance): void {
    const path = runPath(after);
    const visible = this.#bucket.manifests.has(path);
    if (after.state === 'SUCCEEDED') {
      this.#must(visible, `${path} succeeds without a manifest`);
      const counters = sumCounters([...this.shardsOf(after).values()].map((shard) => shard.counters));
      this.#must(
        same(after.receipt?.counters, counters),
        `the receipt of ${path} is not the sum of its shards`,
      );
      return;
    }
    const committing = before.state === 'COMMITTING';
    if (after.state === 'CANCELED') {
      this.#must(!visible, `${path} is canceled although its output is visible`);
      return;
    }
    const code = after.failure?.code ?? 'none';
    this.#ground.log(by.name, `${path} fails with ${code} ${after.failure?.message}`);
    this.#must(HONEST_FAILURES.includes(code), `${path} fails with ${code}: ${after.failure?.message}`);
    const told = committing && after.failure?.message.includes(MAY_BE_VISIBLE);
    this.#must(
      !visible || told === true,
      `${path} fails although its output is visible, and does not say so`,
    );
    this.#must(!committing || by.name.startsWith('finalizer'), `${by.name} fails ${path} while it commits`);
    if (code === 'RUN-5001') this.#mustBeTooDirty(after);
  }

  #mustBeTooDirty(run: RunRow): void {
    const dirty = [...this.shardsOf(run).values()].reduce((sum, shard) => sum + shard.counters.dirty, 0);
    const { limit } = run.job.setting.errorLimit;
    this.#must(dirty > limit, `${runPath(run)} fails for ${dirty} dirty rows, ${limit} are allowed`);
  }

  /** The shards of a run that count: those of its sealed plan, and the pieces that these name. */
  shardsOf(run: RunRow): ReadonlyMap<string, ShardRow> {
    const rows = this.plans.get(`${runPath(run)}/${run.plan?.planId}`) ?? new Map<string, ShardRow>();
    return liveAmong(rows);
  }

  #allDone(run: RunRow): boolean {
    const shards = [...this.shardsOf(run).values()];
    const sealed = shards.filter((shard) => shard.parent === undefined).length;
    return sealed === run.plan?.shardCount && shards.every((shard) => shard.state === 'DONE');
  }

  #shard({ key }: StoredRow, before: ShardRow | undefined, after: ShardRow, by: Instance): void {
    const name = `${key.scope}/${key.id}`;
    const plan = this.plans.get(key.scope) ?? new Map<string, ShardRow>();
    this.plans.set(key.scope, plan.set(key.id, after));
    this.#ground.log(by.name, `${name} ${after.state} e${after.epoch} c${after.cursor ?? ''}`);
    this.#counts(name, after);
    if (!before && by.account) by.account.shards++;
    if (!before) {
      this.#names(name, plan, after, after.children ?? []);
      return;
    }
    this.#range(name, plan, before, after, by);
    const further = before.sink !== after.sink || before.cursor !== after.cursor;
    if (further && by.account) by.account.positions++;
    this.#must(before.state !== 'DONE', `${name} changes after it was done`);
    this.#must(before.movedTo === undefined, `${name} changes after another run took it over`);
    this.#must(after.epoch >= before.epoch, `the epoch of ${name} falls`);
    this.#must(after.outputEpoch >= before.outputEpoch, `the output epoch of ${name} falls`);
    this.#must(Number(after.cursor ?? -1) >= Number(before.cursor ?? -1), `the cursor of ${name} falls`);
    this.#must(after.counters.read >= before.counters.read, `the rows read of ${name} fall`);
    if (before.state === 'LEASED' && (after.state !== 'LEASED' || after.epoch > before.epoch))
      this.#letGo(name, key.scope);
    if (after.movedTo !== undefined) {
      if (by.account) by.account.closed++;
      const run = this.#runOf(key.scope);
      const taken = run?.state === 'FAILED' && run.resumedBy === after.movedTo && after.epoch > before.epoch;
      this.#must(taken, `${name} is closed although no run takes it over`);
    } else if (after.epoch > before.epoch) {
      this.#must(liveAmong(plan).has(key.id), `${name} is claimed although nobody names it`);
      this.#claim(name, before, after, by);
      if (isTerminal(this.#runOf(key.scope)?.state ?? 'PLANNING')) this.#claimedLate.add(name);
      this.#atOnce(key.scope);
    } else this.#byHolder(name, before, by);
    if (before.owner !== after.owner || after.state !== 'LEASED') this.#held.get(before.owner)?.delete(name);
    this.#durable(name, key.scope, before, after);
  }

  /** Whoever names pieces has stored them before. */
  #names(name: string, plan: ReadonlyMap<string, ShardRow>, by: ShardRow, children: readonly string[]): void {
    for (const id of children)
      this.#must(plan.get(id)?.parent === by.shardId, `${name} names ${id}, which is not there or another's`);
  }

  /** A range changes only when its rest is handed to new shards, all of it, in the same write. */
  #range(
    name: string,
    plan: ReadonlyMap<string, ShardRow>,
    before: ShardRow,
    after: ShardRow,
    by: Instance,
  ): void {
    const [known, now] = [before.children ?? [], after.children ?? []];
    this.#must(before.parent === after.parent, `${name} changes its parent`);
    this.#must(same(known, now.slice(0, known.length)), `${name} forgets a piece that it handed back`);
    const pieces = now.slice(known.length);
    if (pieces.length === 0) {
      this.#must(before.range === after.range, `the range of ${name} changes`);
      return;
    }
    this.#ground.meet('tail handed back');
    // Such a piece could get the name of another one in the run that took the shard over before that claim.
    this.#must(!this.#claimedLate.has(name), `${name} is claimed after the end of its run, and handed back`);
    by.pieces += pieces.length;
    if (by.account) by.account.pieces += pieces.length;
    this.#names(name, plan, after, pieces);
    const rows = pieces.flatMap((id) => plan.get(id) ?? []);
    this.#must(
      rows.every(({ epoch, state }) => epoch === 0 && state === 'PENDING'),
      `a piece of ${name} is begun before it is named`,
    );
    const cuts = [after, ...rows]
      .map(({ range }) => rangeOf(range))
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const [begin, end] = rangeOf(before.range);
    const whole = cuts.every(([from], i) => from === (i === 0 ? begin : cuts[i - 1]?.[1]));
    this.#must(whole && cuts.at(-1)?.[1] === end, `the pieces of ${name} are not its range`);
  }

  #claim(name: string, before: ShardRow, after: ShardRow, by: Instance): void {
    this.#must(after.epoch === before.epoch + 1, `the epoch of ${name} jumps`);
    this.#must(
      after.state === 'LEASED' && Instance.idOf(after.owner) === by.id,
      `${name} is claimed for another`,
    );
    this.#must(!by.lostChannel, `${by.name} claims ${name} after its channel was taken`);
    if (before.state === 'LEASED') {
      this.#ground.meet('lease stolen');
      by.inTrouble();
      const { clockJump } = this.#ground.scenario.faults;
      const over = before.leaseUntilMs <= by.clock.nowMs();
      this.#must(clockJump > 0 || over, `${name} is claimed within its lease`);
    }
    this.#claimedMs.set(name, this.#ground.scheduler.nowMs);
    const held = this.#held.get(after.owner) ?? new Set();
    this.#must(held.size === 0, `${by.name} claims ${name} while it still holds ${[...held].join()}`);
    this.#held.set(after.owner, held.add(name));
    this.#movers.set(after.owner, by);
    by.wroteClaim = true;
    if (by.account) by.account.claims++;
  }

  #byHolder(name: string, before: ShardRow, by: Instance): void {
    const own = before.state === 'LEASED' && Instance.idOf(before.owner) === by.id;
    this.#must(own, `${by.name} writes ${name}, which ${before.owner === '' ? 'nobody' : 'another'} holds`);
  }

  #letGo(name: string, scope: string): void {
    const { nowMs } = this.#ground.scheduler;
    const account = this.#ground.ledger.of(lineageOf(scope));
    account.heldMs += nowMs - (this.#claimedMs.get(name) ?? nowMs);
  }

  /** The run of a plan. */
  #runOf(planScope: string): RunRow | undefined {
    return this.runs.get(planScope.slice(0, planScope.lastIndexOf('/')));
  }

  /** Rows, cursor and counters say the same. */
  #counts(name: string, shard: ShardRow): void {
    const [begin, end] = rangeOf(shard.range);
    const { read, written, dirty, bytes } = shard.counters;
    this.#must(
      read === Number(shard.cursor ?? begin) - begin,
      `${name} counts ${read} rows at ${shard.cursor}`,
    );
    this.#must(read === written + dirty && bytes === read * 8, `the counters of ${name} do not add up`);
    this.#must(shard.outputEpoch <= shard.epoch, `${name} has the output of a later epoch`);
    this.#must(read <= end - begin, `${name} counts ${read} rows, it has ${end - begin}`);
    if (shard.state === 'DONE') this.#must(read === end - begin, `${name} is done with ${read} rows`);
    const listed = uploadsOf(shard).flatMap(({ parts }) => parts.map(([, , rows]) => rows));
    const rows = listed.reduce((sum, count) => sum + count, 0);
    this.#must(rows === written, `${name} counts ${written} rows, its output holds ${rows}`);
  }

  /** A position is only stored once everything it stands for is there. */
  #durable(name: string, scope: string, before: ShardRow, after: ShardRow): void {
    const run = this.#runOf(scope);
    if (before.sink === after.sink || !run || isTerminal(run.state)) return;
    for (const { uploadId, parts } of uploadsOf(after)) {
      const there = this.#bucket.uploads.get(uploadId)?.parts;
      const complete = parts.every(([number, crc]) => there?.get(number)?.crc === crc);
      this.#must(complete, `the position of ${name} stands for parts that are not there`);
    }
  }

  #channel({ key }: StoredRow, before: ChannelRow | undefined, after: ChannelRow, by: Instance): void {
    if (!before) return;
    const name = `channel ${after.channel} of ${key.scope}`;
    this.#must(after.epoch >= before.epoch, `the epoch of ${name} falls`);
    this.#must(after.paidUntilMs >= before.paidUntilMs, `the debt of ${name} is forgotten`);
    if (after.epoch === before.epoch) {
      this.#must(Instance.idOf(before.owner) === by.id, `${by.name} writes ${name} of another`);
      return;
    }
    this.#must(after.epoch === before.epoch + 1, `the epoch of ${name} jumps`);
    if (before.owner !== '') {
      by.inTrouble();
      this.#channelSteals.set(key.scope, (this.#channelSteals.get(key.scope) ?? 0) + 1);
      const over = before.leaseUntilMs <= by.clock.nowMs();
      this.#must(this.#ground.scenario.faults.clockJump > 0 || over, `${name} is claimed within its lease`);
    }
    by.lostChannel = false;
  }

  /** Never more shards of a run at once than channels, save for holders that were replaced without knowing. */
  #atOnce(scope: string): void {
    const path = scope.slice(0, scope.lastIndexOf('/'));
    const most = (this.runs.get(path)?.plan?.channels ?? 0) + (this.#channelSteals.get(path) ?? 0);
    const moving = [...this.#movers].filter(([owner, by]) => {
      const held = [...(this.#held.get(owner) ?? [])].some((name) => name.startsWith(`${scope}/`));
      if (!by.alive || by.over) this.#movers.delete(owner);
      return held && by.alive && !by.over;
    }).length;
    this.#must(moving <= most, `${moving} shards of ${path} move, at most ${most} may`);
  }
}

/** The shards of a plan and, again and again, the pieces that they name. */
function liveAmong(rows: ReadonlyMap<string, ShardRow>): ReadonlyMap<string, ShardRow> {
  const live = new Map<string, ShardRow>();
  const add = (row: ShardRow | undefined): void => {
    if (!row) return;
    live.set(row.shardId, row);
    for (const id of row.children ?? []) add(rows.get(id));
  };
  for (const row of rows.values()) if (row.parent === undefined) add(row);
  return live;
}

const uploadsOf = (shard: ShardRow): readonly UploadRecord[] =>
  shard.sink === undefined ? [] : (JSON.parse(shard.sink) as UploadRecord[]);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
