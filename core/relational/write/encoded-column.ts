import type { Caster, TargetType } from '../../convert/index.ts';
import type { Lane } from './lanes.ts';

/** A target column and how its cells are made. */
export interface EncodedColumn {
  readonly name: string;
  readonly target: TargetType;
  readonly caster: Caster;
  /** The short way past the caster, if there is one. */
  readonly lane: Lane | undefined;
}
