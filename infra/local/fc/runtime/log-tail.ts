import { LOG_TAIL_BYTES } from '../limits.ts';

/** One line that a function wrote. */
export interface FcLogLine {
  readonly functionName: string;
  readonly instanceId: string;
  /** The request that was running; absent while the instance was starting or idle. */
  readonly requestId?: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Keeps the last bytes of the log of one request. */
export class LogTail {
  private text = '';

  append(chunk: string): void {
    this.text += chunk;
    // Trim rarely: only when the buffer is clearly larger than what is returned.
    if (this.text.length > LOG_TAIL_BYTES * 4) this.text = this.text.slice(-LOG_TAIL_BYTES * 2);
  }

  /** The tail, cut at a byte count. */
  read(): string {
    const bytes = Buffer.from(this.text);
    return bytes.length <= LOG_TAIL_BYTES ? this.text : bytes.subarray(-LOG_TAIL_BYTES).toString('utf8');
  }
}

/** A line without an end is cut here, so that a function cannot fill the memory of the server. */
const MAX_LINE_LENGTH = 65_536;

/** Cuts a stream of chunks into lines; an unfinished line waits for its end. */
export class LineSplitter {
  private rest = '';

  push(chunk: string): readonly string[] {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > MAX_LINE_LENGTH) lines.push(...this.flush());
    return lines;
  }

  /** The unfinished line, if any; call at the end of the stream. */
  flush(): readonly string[] {
    const last = this.rest;
    this.rest = '';
    return last === '' ? [] : [last];
  }
}
