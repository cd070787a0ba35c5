/**
 * The zstd library, and what its frames begin with (RFC 8878):
 *
 *     28 b5 2f fd · flags · [window] · [dictionary id] · [content size, 1 to 8 bytes] · blocks
 */
import { AssertionError } from '../../errors/index.ts';

const MAGIC = 0xfd2fb528;
/** Bytes of the dictionary id and of the content size by their flags. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
const SINGLE_SEGMENT = 0x20;

type ZstdLibrary = typeof import('@bokuweb/zstd-wasm');

let loading: Promise<ZstdLibrary> | undefined;

/** The library. It is loaded once per process: a second `init` would put a new memory under calls of the first. */
export function zstdLibrary(): Promise<ZstdLibrary> {
  loading ??= load();
  return loading;
}

async function load(): Promise<ZstdLibrary> {
  try {
    const library = await import('@bokuweb/zstd-wasm');
    await library.init();
    return library;
  } catch (error) {
    throw new AssertionError(
      'the zstd library cannot be loaded: its zstd.wasm is missing',
      {},
      { cause: error },
    );
  }
}

/** Whether bytes begin like a frame. */
export const isZstdFrame = (bytes: Uint8Array): boolean =>
  bytes.length > 5 && viewOf(bytes).getUint32(0, true) === MAGIC;

/** The size of its content that a frame states, bytes; `undefined` if it states none. */
export function statedSize(frame: Uint8Array): number | undefined {
  const flags = frame[4]!;
  const isSingle = (flags & SINGLE_SEGMENT) !== 0;
  const length = isSingle ? Math.max(1, SIZE_BYTES[flags >> 6]!) : SIZE_BYTES[flags >> 6]!;
  const at = 5 + (isSingle ? 0 : 1) + DICTIONARY_BYTES[flags & 3]!;
  if (length === 0 || frame.length < at + length) return undefined;
  const view = viewOf(frame);
  if (length === 1) return view.getUint8(at);
  if (length === 2) return view.getUint16(at, true) + 256;
  return length === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
