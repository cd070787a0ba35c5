/** Stored layouts of the desk's rows. A change of meaning raises the version; old ones stay readable. */
import type { ClaimRow, InputRow } from '../dirty/model.ts';
import { defineCodec } from './codec.ts';

/** Layout 1 of claims on refused rows. */
export const claimCodec = defineCodec<ClaimRow>(1, { shardId: 'text', ordinal: 'int', replay: 'text' });

/** Layout 1 of the rows of a replay. */
export const inputCodec = defineCodec<InputRow>(1, {
  ordinal: 'int',
  place: 'text',
  key: 'text',
  cells: 'json',
});
