/** Mistakes in handing back the rest of a shard. */
import type { Shard } from '../../../core/connectors/contract.ts';
import type { ShardKey, ShardRow, StateStore, Versioned } from '../../../core/run/index.ts';
import type { Mutant } from '../mutant.ts';

type Stored = readonly Versioned<ShardRow>[];

/** Every piece that is stored counts, whether or not the shard that it was cut from names it. */
export const countsUnnamed: Mutant = {
  name: "children counted without their parent's word",
  state: (state) => ({
    ...state,
    listShards: async (run, planId) => {
      const rows = await state.listShards(run, planId);
      return rows.map((row) => ({ ...row, value: { ...row.value, children: childrenOf(row.value, rows) } }));
    },
  }),
};

const childrenOf = ({ shardId }: ShardRow, rows: Stored): readonly string[] =>
  rows.filter(({ value }) => value.parent === shardId).map(({ value }) => value.shardId);

/** The shard names its pieces, then they are stored. */
export const narrowsFirst: Mutant = {
  name: 'parent narrowed before its children exist',
  state: (state) => {
    const owed: [ShardKey, ShardRow][] = [];
    return withShards(state, {
      insert: async (key, value) => {
        if (value.parent === undefined || value.claimedMs !== undefined)
          return state.shards.insert(key, value);
        owed.push([key, value]);
        return 'created';
      },
      replace: async (key, current, next) => {
        const stored = await state.shards.replace(key, current, next);
        for (const [childKey, child] of owed.splice(0)) await state.shards.insert(childKey, child);
        return stored;
      },
    });
  },
};

/** Pieces are named by their place alone, and what has that name already is taken for one. */
export const piecesWithoutEpoch: Mutant = {
  name: 'pieces named without the epoch',
  state: (state) =>
    withShards(state, {
      insert: async (key, value) => {
        const own = { ...value, shardId: bare(value.shardId) };
        const stored = await state.shards.insert({ ...key, shardId: bare(key.shardId) }, own);
        return value.parent === undefined ? stored : 'created';
      },
      replace: (key, current, next) =>
        state.shards.replace(
          key,
          current,
          next.children === undefined ? next : { ...next, children: next.children.map(bare) },
        ),
    }),
};

const bare = (shardId: string): string => shardId.replaceAll(/e\d+/g, '');

const withShards = (
  state: StateStore,
  changed: Pick<StateStore['shards'], 'insert' | 'replace'>,
): StateStore => ({
  ...state,
  shards: { get: (key) => state.shards.get(key), remove: (key) => state.shards.remove(key), ...changed },
});

/** The holder has given the rest away and reads it all the same. */
export const readsOldRange: Mutant = {
  name: 'holder goes on reading its old range after the split',
  systems: (systems) => ({
    ...systems,
    openReader: async (job, signal) => {
      const reader = await systems.openReader(job, signal);
      const first = new Map<string, Shard>();
      return {
        ...reader,
        read: (shard, from) => {
          if (!first.has(shard.shardId)) first.set(shard.shardId, shard);
          return reader.read(first.get(shard.shardId) ?? shard, from);
        },
      };
    },
  }),
};
