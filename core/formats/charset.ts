import iconv from 'iconv-lite';

/**
 * Encodings by the names that job files use (Java's), in lower case without `-` and `_`. East Asian names mean
 * the wider sets that browsers and Windows read under them: GB2312 is GBK, EUC-KR is windows-949. `UTF-16` alone is not
 * among them: Java writes it with a byte order mark, which joined objects would repeat in the middle.
 */
const CHARSETS: Readonly<Record<string, string>> = {
  utf8: 'utf8',
  gbk: 'gbk',
  gb2312: 'gb2312',
  gb18030: 'gb18030',
  big5: 'big5',
  iso88591: 'iso88591',
  latin1: 'iso88591',
  usascii: 'ascii',
  ascii: 'ascii',
  windows1252: 'win1252',
  shiftjis: 'shiftjis',
  sjis: 'shiftjis',
  eucjp: 'eucjp',
  euckr: 'euckr',
  utf16le: 'utf16le',
  utf16be: 'utf16be',
};

/** What a user may write as `encoding`. */
export const CHARSET_NAMES =
  'UTF-8, GBK, GB2312, GB18030, Big5, ISO-8859-1, US-ASCII, windows-1252, Shift_JIS, EUC-JP, EUC-KR, UTF-16LE, UTF-16BE';

/** The library's name of an encoding, or `undefined` for an unknown one. */
export function findCharset(name: string): string | undefined {
  const key = name.toLowerCase().replace(/[-_]/g, '');
  return Object.hasOwn(CHARSETS, key) ? CHARSETS[key] : undefined;
}

/** The text in another encoding, or `undefined` if reading it back would give another text. */
export function transcode(text: string, charset: string): Buffer | undefined {
  const bytes = iconv.encode(text, charset, { addBOM: false });
  return iconv.decode(bytes, charset, { stripBOM: false }) === text ? bytes : undefined;
}
