/**
 * The project file as one environment variable of the deployed functions. All variables of a function together
 * may have 4 KB, so it travels compressed: `br:` and Base64 of the Brotli stream.
 */
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';

const PACKED = 'br:';
/** A project file is far smaller; more than this is refused while unpacking. */
const MAX_TEXT_BYTES = 1024 * 1024;

/** The text as it travels. */
export const packProjectText = (text: string): string =>
  PACKED + brotliCompressSync(Buffer.from(text, 'utf8')).toString('base64');

/** The text of a packed project; text that is not packed is taken as it is. */
export function unpackProjectText(value: string): string {
  if (!value.startsWith(PACKED)) return value;
  const packed = Buffer.from(value.slice(PACKED.length), 'base64');
  return brotliDecompressSync(packed, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
}
