import { gzipSync } from 'node:zlib';
import { assert } from '../../errors/index.ts';
import type { ByteBuffer } from '../byte-buffer.ts';
import { GZIP_LEVEL } from '../gzip.ts';
import type { CodecName } from './metadata-bytes.ts';
import { snappy } from './snappy.ts';
import { isZstdFrame, zstdLibrary } from './zstd-library.ts';

/** Compresses a page: appends what becomes of it. */
export type Compress = (raw: Uint8Array, out: ByteBuffer) => void;

/** Level 1 is three times as fast as the usual 3 for a few percent of size. */
const ZSTD_LEVEL = 1;

/** Loads a compression; its code is only loaded by those who use it. */
export async function loadCompressor(codec: CodecName): Promise<Compress> {
  switch (codec) {
    case 'none':
      return (raw, out) => out.append(raw);
    case 'gzip':
      return (raw, out) => out.append(gzipSync(raw, { level: GZIP_LEVEL }));
    case 'snappy':
      return snappy;
    case 'zstd': {
      const { compress } = await zstdLibrary();
      return (raw, out) => out.append(checked(compress(raw, ZSTD_LEVEL)));
    }
    default:
      return codec satisfies never;
  }
}

/** The library does not look whether its memory was enough: a frame that is none would be a damaged page. */
function checked(frame: Uint8Array): Uint8Array {
  assert(isZstdFrame(frame), 'zstd made no frame');
  return frame;
}
