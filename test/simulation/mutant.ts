import type { StateStore, Systems } from '../../core/run/index.ts';
import * as engine from '../../core/run/index.ts';
import type { RowTable } from '../../core/stores/index.ts';
import type { Bucket } from './bucket.ts';
import type { Ground } from './ground.ts';
import type { Instance } from './instance.ts';
import type { WriterFlaws } from './sim-writer.ts';

/** The entries of the engine that the platform calls. */
export type Engine = Pick<typeof engine, 'orchestrate' | 'work' | 'finalize' | 'sweep'>;

/** The engine of the product. */
export const realEngine: Engine = {
  orchestrate: engine.orchestrate,
  work: engine.work,
  finalize: engine.finalize,
  sweep: engine.sweep,
};

/** The engine with one thing done wrong, from outside: the simulation must notice. */
export interface Mutant {
  readonly name: string;
  readonly writer?: WriterFlaws;
  /** It sends more messages by nature: what comes of it is to be noticed, not the number. */
  readonly boundless?: boolean;
  /** A flawed layer between the store and a table. */
  table?(table: RowTable): RowTable;
  /** Flawed sides of a job, as one instance opens them. */
  systems?(systems: Systems): Systems;
  /** A flawed store, as one instance has it open. */
  state?(state: StateStore, instance: Instance): StateStore;
  /** Flawed entries; made anew for each seed, so that they may remember things. */
  engine?(real: Engine, ground: Ground, bucket: Bucket): Engine;
}
