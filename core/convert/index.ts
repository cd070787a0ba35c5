export { CastCell, type CellCast } from './cast-cell.ts';
export type { CastOptions } from './cast-table.ts';
export { type Caster, createCaster, textCast } from './caster.ts';
export { type CastClass, type CastJudgement, classifyCast } from './classify.ts';
export { describeTarget, type TargetType } from './target-type.ts';
