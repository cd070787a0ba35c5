/**
 * Reading multipart/form-data (RFC 7578) up to its file, which is streamed:
 *   --BOUNDARY CRLF headers CRLF CRLF value CRLF --BOUNDARY … CRLF --BOUNDARY--
 * As the vendor demands, `file` must come after all other fields; what follows it is not read.
 */

import { OssError } from './errors.ts';

/** Longest headers or value of one field, bytes. */
const MAX_FIELD_BYTES = 64 * 1024;
/** Most fields before the file. */
const MAX_FIELDS = 200;
const CRLF = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');

/** A form: its fields by lower-case name, and the content of its file. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** Ends with the file; must be read to its end. */
  readonly file: AsyncIterable<Buffer>;
}

function malformed(why: string): OssError {
  return new OssError('InvalidArgument', `The body of the form is malformed: ${why}.`);
}

/** The boundary of a content type. Throws InvalidArgument. */
export function boundaryOf(contentType: string): Buffer {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  if (!match) throw malformed('there is no boundary');
  return Buffer.from(`\r\n--${match[1] ?? match[2]}`);
}

/** Cuts a stream of chunks at delimiters. */
class Cutter {
  private readonly source: AsyncIterator<Buffer>;
  /** Starts with the line break that the first boundary lacks. */
  private held: Buffer = CRLF;

  constructor(source: AsyncIterator<Buffer>) {
    this.source = source;
  }

  /** Everything before the delimiter, which is dropped. */
  async until(delimiter: Buffer): Promise<Buffer> {
    for (;;) {
      const at = this.held.indexOf(delimiter);
      if (at >= 0) return this.cut(at, delimiter.length);
      if (this.held.length > MAX_FIELD_BYTES)
        throw malformed(`a field is longer than ${MAX_FIELD_BYTES} bytes`);
      this.held = Buffer.concat([this.held, await this.more()]);
    }
  }

  /** The same as a stream, of any length. */
  async *stream(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.held.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield this.cut(at, delimiter.length);
        return;
      }
      const sure = this.held.length - delimiter.length + 1;
      if (sure > 0) yield this.cut(sure, 0);
      this.held = Buffer.concat([this.held, await this.more()]);
    }
  }

  /** The next bytes, as many as asked for. */
  async take(count: number): Promise<string> {
    while (this.held.length < count) this.held = Buffer.concat([this.held, await this.more()]);
    return this.cut(count, 0).toString('latin1');
  }

  /** Reads the rest, so that the connection stays usable. */
  async drain(): Promise<void> {
    while (!(await this.source.next()).done);
  }

  private cut(length: number, dropped: number): Buffer {
    const piece = this.held.subarray(0, length);
    this.held = this.held.subarray(length + dropped);
    return piece;
  }

  private async more(): Promise<Buffer> {
    const { value, done } = await this.source.next();
    if (done) throw malformed('it ends early');
    return value;
  }
}

/** Reads the fields of a form up to its file. Throws InvalidArgument. */
export async function readForm(chunks: AsyncIterable<Buffer>, boundary: Buffer): Promise<Form> {
  const cutter = new Cutter(chunks[Symbol.asyncIterator]());
  const fields = new Map<string, string>();
  await cutter.until(boundary);
  while (fields.size <= MAX_FIELDS) {
    const next = await cutter.take(2);
    if (next === '--') throw noFile();
    if (next !== '\r\n') throw malformed('a boundary is not followed by a line break');
    const headers = (await cutter.until(HEADERS_END)).toString('utf8');
    const name = /^content-disposition:.*?[;\s]name="([^"]*)"/im.exec(headers)?.[1]?.toLowerCase();
    if (name === undefined) throw malformed('a field has no name');
    if (name === 'file') {
      const fileName = /[;\s]filename="([^"]*)"/i.exec(headers)?.[1] ?? '';
      return { fields, fileName, file: fileContent(cutter, boundary) };
    }
    if (fields.has(name)) throw malformed(`the field ${name} is repeated`);
    fields.set(name, (await cutter.until(boundary)).toString('utf8'));
  }
  throw malformed(`there are more than ${MAX_FIELDS} fields`);
}

async function* fileContent(cutter: Cutter, boundary: Buffer): AsyncGenerator<Buffer> {
  yield* cutter.stream(boundary);
  await cutter.drain();
}

function noFile(): OssError {
  return new OssError(
    'IncorrectNumberOfFilesInPOSTRequest',
    'POST requires exactly one file upload per request.',
  );
}
