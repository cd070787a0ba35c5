import type { RowCut } from '../range/cut.ts';
import { CELL_OP, type PlainCell } from '../wire/plain-format.ts';
import { compareNames, type StoredCell } from './row-encoder.ts';
import { cellNameStart, cellTimestamp, cellValueEnd, cellValueStart } from './stored-row.ts';

/** The cells that a cut kept, as objects; their values are views. */
export function cellsOf(cut: RowCut): StoredCell[] {
  const cells: StoredCell[] = [];
  for (let i = 0; i < cut.count; i++) {
    const nameEnd = cut.nameEnds[i] as number;
    const name = cut.bytes.subarray(cellNameStart(cut.starts[i] as number), nameEnd);
    cells.push({
      name: Buffer.from(name).toString('latin1'),
      value: cut.bytes.subarray(cellValueStart(nameEnd), cellValueEnd(cut.bytes, nameEnd)),
      timestamp: cellTimestamp(cut.bytes, cut.ends[i] as number),
    });
  }
  return cells;
}

/** The versions of a row's columns while a write works on them. */
export class CellSet {
  readonly #columns = new Map<string, StoredCell[]>();

  constructor(cells: readonly StoredCell[]) {
    for (const cell of cells) this.put(cell);
  }

  /** Adds a version; the same timestamp replaces. */
  put(cell: StoredCell): void {
    const versions = this.#columns.get(cell.name);
    if (!versions) {
      this.#columns.set(cell.name, [cell]);
      return;
    }
    const at = versions.findIndex((version) => version.timestamp <= cell.timestamp);
    if (at < 0) versions.push(cell);
    else versions.splice(at, versions[at]?.timestamp === cell.timestamp ? 1 : 0, cell);
  }

  newest(name: string): StoredCell | undefined {
    return this.#columns.get(name)?.[0];
  }

  /** Applies a delete operation of an update. */
  remove({ name, operation, timestamp }: PlainCell): void {
    if (operation === CELL_OP.DELETE_ALL_VERSIONS) {
      this.#columns.delete(name);
      return;
    }
    const left = this.#columns.get(name)?.filter((version) => version.timestamp !== timestamp) ?? [];
    if (left.length > 0) this.#columns.set(name, left);
    else this.#columns.delete(name);
  }

  /** All versions in stored order, at most `maxVersions` per column. */
  sorted(maxVersions: number): StoredCell[] {
    return [...this.#columns.entries()]
      .sort(([a], [b]) => compareNames(a, b))
      .flatMap(([, versions]) => versions.slice(0, maxVersions));
  }
}
