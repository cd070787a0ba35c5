import iconv from 'iconv-lite';
import { findCharset } from '../charset.ts';

const REPLACEMENT = '�';

/** How text of an encoding lies in bytes. */
export interface SourceCharset {
  readonly name: string;
  /** `utf8` is taken as it is; `utf16` is changed to UTF-8 before it is scanned; `other` cell by cell. */
  readonly kind: 'utf8' | 'utf16le' | 'utf16be' | 'other';
  /**
   * Bytes of the character that begins with `lead` and goes on with `second`, for encodings whose later bytes may look
   * like ASCII; 1 otherwise.
   */
  readonly widthOf: ((lead: number, second: number) => number) | undefined;
}

type WidthOf = (lead: number, second: number) => number;

/** A second byte is at least 0x40: below it the character is broken off. */
const twoBytes: WidthOf = (lead, second) => (lead >= 0x81 && second >= 0x40 ? 2 : 1);
const gb18030: WidthOf = (lead, second) => {
  if (lead < 0x81) return 1;
  if (second >= 0x30 && second <= 0x39) return 4;
  return second >= 0x40 ? 2 : 1;
};
const shiftJis: WidthOf = (lead, second) =>
  (lead >= 0x81 && lead <= 0x9f) || (lead >= 0xe0 && lead <= 0xfc) ? twoBytes(lead, second) : 1;

const WIDTHS: Readonly<Record<string, WidthOf>> = {
  gbk: twoBytes,
  gb2312: twoBytes,
  gb18030,
  big5: twoBytes,
  shiftjis: shiftJis,
  euckr: twoBytes,
};

/** The encoding of a name that job files use; check it with `findCharset` first. */
export function sourceCharset(label: string): SourceCharset {
  const name = findCharset(label) ?? 'utf8';
  const kind = name === 'utf8' || name === 'utf16le' || name === 'utf16be' ? name : 'other';
  return { name, kind, widthOf: WIDTHS[name] };
}

/** The text of bytes in the encoding, or `undefined` if they are not text in it. */
export function decodeText(charset: SourceCharset, bytes: Buffer): string | undefined {
  const text = iconv.decode(bytes, charset.name, { stripBOM: false });
  return text.includes(REPLACEMENT) ? undefined : text;
}

/** The bytes of a delimiter as the scanner meets them, or `undefined` if the encoding does not have it. */
export function delimiterBytes(charset: SourceCharset, text: string): Buffer | undefined {
  if (charset.kind !== 'other') return Buffer.from(text, 'utf8');
  const bytes = iconv.encode(text, charset.name);
  return iconv.decode(bytes, charset.name) === text ? bytes : undefined;
}

/**
 * A copy of the bytes in which no later byte of a character looks like ASCII, for scanning. The copy of a piece that
 * begins at a character is exact whatever came before it.
 */
export function maskedCopy(bytes: Uint8Array, from: number, to: number, widthOf: WidthOf): Buffer {
  const copy = Buffer.from(bytes.subarray(0, to));
  for (let at = from; at < to; ) {
    const width = bytes[at]! < 0x80 ? 1 : widthOf(bytes[at]!, bytes[at + 1] ?? 0);
    copy.fill(0xff, at + 1, Math.min(at + width, to));
    at += width;
  }
  return copy;
}
