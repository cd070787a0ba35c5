/** Mistakes around conditional writes. */
import { UnknownOutcomeError } from '../../../core/errors/index.ts';
import type { ShardKey, ShardRow, StateStore, Versioned } from '../../../core/run/index.ts';
import type { Mutant } from '../mutant.ts';

type ReplaceShard = (
  key: ShardKey,
  current: Versioned<ShardRow>,
  next: ShardRow,
) => Promise<Versioned<ShardRow> | undefined>;

const withReplace = (state: StateStore, replace: ReplaceShard): StateStore => ({
  ...state,
  shards: {
    get: (key) => state.shards.get(key),
    insert: (key, value) => state.shards.insert(key, value),
    remove: (key) => state.shards.remove(key),
    replace,
  },
});

/** Writes the row over whatever is there. */
async function force(state: StateStore, key: ShardKey, next: ShardRow): ReturnType<ReplaceShard> {
  for (;;) {
    const latest = await state.shards.get(key);
    const stored = latest && (await state.shards.replace(key, latest, next));
    if (stored) return stored;
  }
}

/** The last write of a shard asks for nothing. */
export const unconditionalDone: Mutant = {
  name: 'done without the epoch condition',
  state: (state) =>
    withReplace(state, (key, current, next) =>
      next.state === 'DONE' ? force(state, key, next) : state.shards.replace(key, current, next),
    ),
};

/** A holder trusts its own clock: while its lease seems to run, the shard is its own. */
export const localLease: Mutant = {
  name: 'lease judged by the local clock',
  state: (state, instance) =>
    withReplace(state, (key, current, next) => {
      const seemsMine = current.value.leaseUntilMs > instance.clock.nowMs() && current.value.owner !== '';
      return seemsMine ? force(state, key, next) : state.shards.replace(key, current, next);
    }),
};

/** A worker takes a channel although another one holds it. */
export const sharedChannel: Mutant = {
  name: 'a held channel is taken',
  state: (state) => ({
    ...state,
    channels: {
      get: async (key) => {
        const row = await state.channels.get(key);
        return row && { ...row, value: { ...row.value, leaseUntilMs: 0 } };
      },
      insert: (key, value) => state.channels.insert(key, value),
      remove: (key) => state.channels.remove(key),
      replace: (key, current, next) => state.channels.replace(key, current, next),
    },
  }),
};

/** Nobody waits for the target to be made ready. */
export const unready: Mutant = {
  name: 'rows before the target is ready',
  state: (state) => ({
    ...state,
    runs: {
      get: async (key) => {
        const row = await state.runs.get(key);
        return row && { ...row, value: { ...row.value, begun: true } };
      },
      insert: (key, value) => state.runs.insert(key, value),
      remove: (key) => state.runs.remove(key),
      replace: (key, current, next) => state.runs.replace(key, current, next),
    },
  }),
};

/** The condition names a column that no row has, and such a condition passes unless told otherwise. */
export const passesOnMissingColumn: Mutant = {
  name: 'condition that passes on a missing column',
  table: (table) => ({
    ...table,
    put: (row, condition) => table.put(row, condition.kind === 'ver' ? { kind: 'none' } : condition),
  }),
};

/** A write whose answer was lost is simply sent again. */
export const blindRetry: Mutant = {
  name: 'blind retry after an unknown outcome',
  table: (table) => ({
    ...table,
    put: async (row, condition) => {
      for (let wanted = condition; ; wanted = { kind: 'none' }) {
        try {
          return await table.put(row, wanted);
        } catch (error) {
          if (!(error instanceof UnknownOutcomeError)) throw error;
        }
      }
    },
  }),
};
