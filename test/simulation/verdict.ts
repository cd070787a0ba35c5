/** What must hold when nothing moves any more. */
import { isTerminal, type RunRow, runPath } from '../../core/run/index.ts';
import { dirtyCodec } from '../../core/stores/row-codecs.ts';
import { oldKey } from './bucket.ts';
import { judgeBudgets } from './budgets.ts';
import { lineageOf } from './events.ts';
import { isDirty } from './sim-writer.ts';
import { checksumOf, rangeOf } from './source.ts';
import type { Lineage, World } from './world.ts';

/** Judges a world at its end; violations are told to its ground. */
export async function judge(world: World): Promise<void> {
  for (const lineage of world.lineages) await judgeLineage(world, lineage);
  const roots = world.lineages.map(({ root }) => runPath(root));
  const stray = [...world.watch.runs.keys()].find((path) => !roots.includes(lineageOf(path)));
  must(world, stray === undefined, `nobody asked for ${stray}`);
  const active = await world.tables.bare('active').scan('active', 10);
  must(world, active.length === 0, 'the sweeper still looks after a settled run');
  for (const { root } of world.lineages) judgeBudgets(world.ground, runPath(root));
}

async function judgeLineage(world: World, lineage: Lineage): Promise<void> {
  const path = runPath(lineage.root);
  const runs = [...world.watch.runs.values()].filter((run) => lineageOf(runPath(run)) === path);
  for (const run of runs) {
    must(world, isTerminal(run.state), `${runPath(run)} is left ${run.state}`);
    if (world.bucket.manifests.has(runPath(run))) judgeRows(world, lineage, run);
    judgeLeftovers(world, run);
    meetOrphans(world, run);
  }
  const last = world.run(lineage.person.current);
  must(world, last !== undefined, `${path} was never created`);
  if (last) await judgeEnd(world, last, runs);
}

function must(world: World, holds: boolean, what: string): void {
  if (!holds) world.ground.violate(what);
}

async function judgeEnd(world: World, last: RunRow, runs: readonly RunRow[]): Promise<void> {
  const { scenario } = world.ground;
  const path = runPath(last);
  const succeeded = runs.filter((run) => run.state === 'SUCCEEDED');
  must(world, succeeded.length <= 1, `two runs of the lineage of ${path} succeed`);
  const visible = runs.filter((run) => world.bucket.manifests.has(runPath(run)));
  const stray = visible.find((run) => run.state !== 'SUCCEEDED' && run.state !== 'FAILED');
  must(world, stray === undefined, `the output of ${stray?.runId} is visible although it is ${stray?.state}`);
  const wanted = last.state === 'SUCCEEDED' || last.discarded || scenario.leavesFailed > 0;
  must(world, wanted, `${path}, the last run, ends as ${last.state}: ${last.failure?.message}`);
  if (last.state !== 'SUCCEEDED') return;
  must(
    world,
    world.bucket.objects.has(oldKey(lineageOf(path))) === (scenario.sizes.truncate === 0),
    'truncating was not done, or was not asked for',
  );
  await judgeDirtyRows(world, last);
}

/**
 * Visible rows = the rows of the sealed plan without the dirty ones, each once; the receipt says the same. A run
 * that failed in doubt while committing is held to it as well.
 */
function judgeRows(world: World, { job }: Lineage, run: RunRow): void {
  const { source } = job;
  const shards = [...world.watch.shardsOf(run).values()];
  const cuts = shards.map((shard) => rangeOf(shard.range)).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const begin = source.first;
  const end = cuts.at(-1)?.[1] ?? begin;
  const gapless = cuts.every(([from], i) => from === (i === 0 ? begin : cuts[i - 1]?.[1]));
  const versions = Array.from({ length: source.version + 1 }, (_, i) => source.endAt(i));
  must(world, gapless && versions.includes(end), 'the sealed plan does not cover the source as it was');
  const { dirtyEvery } = world.ground.scenario.sizes;
  const wanted = idsOf(begin, end).filter((id) => !isDirty(id, dirtyEvery));
  const visible = [...(world.bucket.rowsOf(run) ?? [])].sort((a, b) => a - b);
  must(world, same(visible, wanted), `${visible.length} rows are visible, ${wanted.length} should be`);
  const read = end - begin;
  const counters = {
    read,
    written: wanted.length,
    dirty: read - wanted.length,
    bytes: read * 8,
    checksum: checksumOf(begin, end),
  };
  const told = run.state === 'SUCCEEDED' ? run.receipt?.counters : counters;
  must(world, same(told, counters), 'the receipt does not say what happened');
}

/** Refused rows were kept before the position that counts them, under this run or one that it took over. */
async function judgeDirtyRows(world: World, run: RunRow): Promise<void> {
  const kept = new Set<string>();
  for (const row of await world.tables.bare('dirty').scan(undefined, Number.MAX_SAFE_INTEGER)) {
    if (lineageOf(row.key.scope) === lineageOf(runPath(run))) kept.add(dirtyCodec.decode(row.columns).key);
  }
  const { dirtyEvery } = world.ground.scenario.sizes;
  for (const { range } of world.watch.shardsOf(run).values()) {
    const dirty = idsOf(...rangeOf(range)).filter((id) => isDirty(id, dirtyEvery));
    for (const id of dirty.slice(0, run.options.maxDirtyRowsPerShard))
      must(world, kept.has(`id=${id}`), `the dirty row ${id} was not kept`);
  }
}

/** Pieces that a holder stored and never came to name. */
function meetOrphans(world: World, run: RunRow): void {
  const rows = world.watch.plans.get(`${runPath(run)}/${run.plan?.planId}`);
  const live = world.watch.shardsOf(run);
  if ([...(rows?.keys() ?? [])].some((id) => !live.has(id))) world.ground.meet('child orphaned');
}

/** Nothing is left of a settled run but what a fenced instance began after the last time it was collected. */
function judgeLeftovers(world: World, run: RunRow): void {
  const path = runPath(run);
  const discardedMs = world.bucket.discardedMs.get(path) ?? Number.NEGATIVE_INFINITY;
  const left = [...world.bucket.uploads.values()].filter((upload) => upload.run === path);
  const known = left.every((upload) => upload.bornMs >= discardedMs && discardedMs > 0);
  must(world, known, `${left.length} uploads of ${path} are left and nobody knows them`);
}

const idsOf = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
