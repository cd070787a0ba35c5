import { SyncError } from '../../errors/index.ts';
import type { Column } from '../../types/index.ts';
import { BlockAssembly } from './block-assembly.ts';
import { ByteWindow } from './byte-window.ts';
import { bindColumns, decodeShape, type FileShape, layoutOf } from './column-binding.ts';
import { Expansion } from './expansion.ts';
import type { ByteRange, FormatBatch, FormatLayout, FormatReader, ObjectBytes } from './format-reader.ts';
import { gunzip, looksLikeGzip } from './gunzip.ts';
import { BLOCK_ROWS, MAX_RECORD_BYTES } from './limits.ts';
import { lineSyntax } from './line-syntax.ts';
import type { TextReadFormat } from './read-format.ts';
import { RecordBinder } from './record-binder.ts';
import { RecordScanner } from './record-scanner.ts';
import { maskedCopy } from './source-charset.ts';
import { decodePlace, type Place, SourcePlace } from './source-place.ts';
import { looksLikeZstd, unzstd } from './unzstd.ts';
import { utf8OfUtf16 } from './utf16.ts';

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads csv and text. Check the format with `readFormatFaults` first. */
export class DelimitedReader implements FormatReader {
  readonly cuttable: boolean;
  readonly #format: TextReadFormat;
  readonly #timeZone: string;
  readonly #syntax: ReturnType<typeof lineSyntax>;

  constructor(format: TextReadFormat, timeZone: string) {
    this.#format = format;
    this.#timeZone = timeZone;
    this.#syntax = lineSyntax(format);
    this.cuttable = this.#syntax.cutLine !== undefined;
  }

  async layout(first: ObjectBytes | undefined): Promise<FormatLayout> {
    const { columns, skipHeader } = this.#format;
    const needsNames =
      skipHeader && (columns === undefined || columns.some(({ index, name }) => name && index === undefined));
    if (columns !== undefined && !needsNames) return layoutOf(this.#format, {}, this.#timeZone);
    const fields = first && first.size > 0 ? await this.#firstRecord(first) : undefined;
    if (!fields)
      throw new SyncError(
        'SRC-2018',
        'config',
        'the columns are not known: there is no object with a record',
      );
    const file: FileShape = {
      ...(skipHeader && { names: fields }),
      ...(columns === undefined && { width: fields.length }),
    };
    return layoutOf(this.#format, file, this.#timeZone);
  }

  byteOf(position: string): number {
    return decodePlace(position).at;
  }

  async *read(
    object: ObjectBytes,
    layout: FormatLayout,
    range: ByteRange,
    from: string | undefined,
  ): AsyncGenerator<FormatBatch, void, void> {
    const pass = new Pass(this.#format, this.#syntax, object);
    const file = decodeShape(layout.text);
    try {
      if (from !== undefined) await pass.open(decodePlace(from));
      else if (!(await this.#begin(pass, range, file))) return;
      yield* pass.batches(layout.columns, this.#binding(file), range.to);
    } finally {
      await pass.close();
    }
  }

  /** Goes to the first record of a range; false if none begins there. */
  async #begin(pass: Pass, range: ByteRange, file: FileShape): Promise<boolean> {
    if (range.from > 0) return pass.openAfterLineEnd(range.from);
    await pass.open({ at: 0, skip: 0 });
    if (!this.#format.skipHeader) return true;
    const names = await pass.nextRecord();
    const differs = names && file.names && names.join('\n') !== file.names.join('\n');
    if (differs)
      throw new SyncError('SRC-2018', 'config', 'the header differs from that of the first object');
    return names !== undefined;
  }

  #binding(file: FileShape): Binding {
    return { columns: bindColumns(this.#format, file, this.#timeZone), width: file.width };
  }

  async #firstRecord(object: ObjectBytes): Promise<readonly string[] | undefined> {
    const pass = new Pass(this.#format, this.#syntax, object);
    try {
      await pass.open({ at: 0, skip: 0 });
      return await pass.nextRecord();
    } finally {
      await pass.close();
    }
  }
}

interface Binding {
  readonly columns: ReturnType<typeof bindColumns>;
  readonly width: number | undefined;
}

/** One way through an object, from some record on. */
class Pass {
  readonly #format: TextReadFormat;
  readonly #syntax: ReturnType<typeof lineSyntax>;
  readonly #object: ObjectBytes;
  readonly #scanner: RecordScanner;
  #window = new ByteWindow(nothing());
  /** The window, with everything that only looks like a delimiter hidden. */
  #scanned: Buffer = Buffer.alloc(0);
  #place = new SourcePlace(0, undefined, false);
  /** Where the next record begins in the window. */
  #at = 0;

  constructor(format: TextReadFormat, syntax: ReturnType<typeof lineSyntax>, object: ObjectBytes) {
    this.#format = format;
    this.#syntax = syntax;
    this.#object = object;
    this.#scanner = new RecordScanner(syntax.rules);
  }

  /** Begins at a record. */
  async open(place: Place): Promise<void> {
    const { charset } = this.#syntax;
    const { compress, maxExpansion } = this.#format;
    const raw = this.#object.stream(place.at, this.#object.size);
    const expansion = compress === 'none' ? undefined : new Expansion(place.at, maxExpansion);
    const plain = expansion ? (compress === 'gzip' ? gunzip : unzstd)(raw, expansion) : raw;
    const utf16 = charset.kind === 'utf16le' || charset.kind === 'utf16be';
    const source = withoutFirst(plain, place.skip);
    this.#place = new SourcePlace(expansion ? place.skip : place.at, expansion, utf16);
    this.#window = new ByteWindow(utf16 ? utf8OfUtf16(source, charset.kind === 'utf16be') : source);
    await this.#refill();
    if (place.at === 0 && place.skip === 0) this.#skipMark();
  }

  /** Begins at the first record at or after a byte; false if there is none. */
  async openAfterLineEnd(byte: number): Promise<boolean> {
    const line = this.#syntax.cutLine!;
    const start = Math.max(0, byte - line.length);
    await this.open({ at: start, skip: 0 });
    this.#at = 0;
    this.#place.offset = start;
    for (;;) {
      const found = this.#scanned.subarray(0, this.#window.end).indexOf(line, this.#at);
      if (found >= 0) {
        this.#moveTo(found + line.length);
        return true;
      }
      this.#moveTo(Math.max(this.#at, this.#window.end - line.length + 1));
      if (this.#window.final || !(await this.#refill())) return false;
    }
  }

  /** The fields of the next record, as text; `undefined` at the end. For headers. */
  async nextRecord(): Promise<readonly string[] | undefined> {
    const next = await this.#scanNext();
    if (next < 0) return undefined;
    const fields = this.#fieldTexts();
    this.#moveTo(next);
    return fields;
  }

  /** The rows from here on that begin before the byte `to`. */
  async *batches(
    columns: readonly Column[],
    binding: Binding,
    to: number,
  ): AsyncGenerator<FormatBatch, void, void> {
    const assembly = new BlockAssembly(columns);
    const binder = new RecordBinder({ ...this.#syntax.binding, ...binding }, this.#scanner, assembly);
    const limit = this.#format.compress === 'none' ? to : Number.POSITIVE_INFINITY;
    for (;;) {
      binder.setWindow(this.#window.bytes, this.#window.end);
      const first = this.#at;
      const offsets: number[] = [];
      const more = this.#fill(binder, assembly, offsets, limit);
      if (offsets.length > 0) {
        const block = assembly.build(this.#window.bytes, first, this.#at);
        const place = this.#place;
        const placeOf = (row: number): string => place.describe(offsets[row] ?? 0);
        yield { block, refused: binder.takeRefused(), position: place.encode(), placeOf };
      }
      if (more === 'end') return;
      if (more === 'refill' && !(await this.#refill())) throw recordTooLong(this.#place);
    }
  }

  async close(): Promise<void> {
    await this.#window.close();
  }

  /** Binds records until the block is full, the window is used up, or the end is reached. */
  #fill(
    binder: RecordBinder,
    assembly: BlockAssembly,
    offsets: number[],
    limit: number,
  ): 'full' | 'refill' | 'end' {
    const window = this.#window;
    while (assembly.rowCount < BLOCK_ROWS) {
      if (this.#place.offset >= limit) return 'end';
      if (this.#at >= window.end && window.final) return 'end';
      const next = this.#scan();
      if (next < 0) return 'refill';
      if (!this.#isSkipped(next)) {
        offsets.push(this.#place.offset);
        this.#moveTo(next);
        binder.bind();
      } else this.#moveTo(next);
    }
    return 'full';
  }

  /** Scans the record at `#at`; -1 if the window does not hold all of it. */
  #scan(): number {
    const { end, final } = this.#window;
    if (this.#syntax.comment >= 0 && this.#scanned[this.#at] === this.#syntax.comment) {
      return this.#syntax.lineScanner.scan(this.#scanned, this.#at, end, final);
    }
    return this.#scanner.scan(this.#scanned, this.#at, end, final);
  }

  async #scanNext(): Promise<number> {
    for (;;) {
      if (this.#at >= this.#window.end && this.#window.final) return -1;
      const next = this.#scan();
      if (next >= 0 && !this.#isSkipped(next)) return next;
      if (next >= 0) this.#moveTo(next);
      else if (!(await this.#refill())) throw recordTooLong(this.#place);
    }
  }

  /** Whether the scanned line is no record: empty, or a comment. */
  #isSkipped(next: number): boolean {
    if (this.#syntax.comment >= 0 && this.#at < next && this.#scanned[this.#at] === this.#syntax.comment)
      return true;
    const { count, starts, ends, flags } = this.#scanner;
    return this.#syntax.skipEmptyLines && count === 1 && starts[0] === ends[0] && flags[0] === 0;
  }

  #fieldTexts(): readonly string[] {
    return Array.from({ length: this.#scanner.count }, (_, i) =>
      this.#syntax.fieldText(this.#window.bytes, this.#scanner, i),
    );
  }

  #moveTo(next: number): void {
    this.#place.advance(this.#window.bytes, this.#at, next);
    this.#at = next;
  }

  async #refill(): Promise<boolean> {
    if (!(await this.#window.refill(this.#at))) return false;
    this.#at = 0;
    const { bytes, end } = this.#window;
    const { widthOf } = this.#syntax;
    this.#scanned = widthOf ? maskedCopy(bytes, 0, end, widthOf) : bytes;
    return true;
  }

  /** Skips a byte order mark, and says what a file really is that begins like a compressed one. */
  #skipMark(): void {
    const { bytes, end } = this.#window;
    if (this.#format.compress === 'none' && (looksLikeGzip(bytes) || looksLikeZstd(bytes))) {
      const name = looksLikeGzip(bytes) ? 'gzip' : 'zstd';
      throw new SyncError(
        'SRC-2018',
        'config',
        `${this.#object.name} begins like ${name}; set compress to ${name}`,
      );
    }
    const unicode = this.#syntax.charset.kind !== 'other';
    if (unicode && end >= BOM.length && bytes.subarray(0, BOM.length).equals(BOM)) this.#moveTo(BOM.length);
  }
}

async function* nothing(): AsyncGenerator<Buffer, void, void> {}

async function* withoutFirst(
  source: AsyncIterable<Buffer>,
  count: number,
): AsyncGenerator<Buffer, void, void> {
  let left = count;
  for await (const piece of source) {
    if (left < piece.length) yield left > 0 ? piece.subarray(left) : piece;
    left = Math.max(0, left - piece.length);
  }
}

const recordTooLong = (place: SourcePlace): SyncError =>
  new SyncError('SRC-2017', 'config', `a record is longer than ${MAX_RECORD_BYTES} bytes`, {
    place: place.describe(place.offset),
  });
