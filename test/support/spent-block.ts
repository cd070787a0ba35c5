import type { RowFault, Settle, Sink } from '../../core/connectors/contract.ts';
import type { RowBlock } from '../../core/types/index.ts';

/** Writes a block and spoils its memory afterwards, as a reader does that fills it with other rows. */
export async function writeOnce(sink: Sink, block: RowBlock, settle?: Settle): Promise<readonly RowFault[]> {
  const faults = await sink.write(block, settle);
  for (const list of [block.bytes, block.starts, block.ends, block.forms]) list.fill(0xee);
  return faults;
}
