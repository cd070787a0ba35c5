import { gunzipSync } from 'node:zlib';
import { SyncError } from '../../../errors/index.ts';
import { isZstdFrame, statedSize, zstdLibrary } from '../zstd-library.ts';
import { damaged, wellFormed } from './damage.ts';
import type { StoredCodec } from './file-metadata.ts';

/** Decompresses a page of a known size. */
export type Decompress = (stored: Uint8Array, rawBytes: number) => Uint8Array;

/** Loads what these compressions need. Pages that do not become what their headers say are faults. */
export async function loadDecompressor(codec: StoredCodec): Promise<Decompress> {
  const decompress = await engineOf(codec);
  return (stored, rawBytes) => {
    let raw: Uint8Array;
    try {
      raw = decompress(stored, rawBytes);
    } catch (error) {
      if (error instanceof SyncError) throw error;
      throw damaged(`a page compressed with ${codec} is damaged`, error);
    }
    wellFormed(raw.length === rawBytes, `a page has ${raw.length} bytes instead of ${rawBytes}`);
    return raw;
  };
}

async function engineOf(codec: StoredCodec): Promise<Decompress> {
  switch (codec) {
    case 'UNCOMPRESSED':
      return (stored) => stored;
    case 'GZIP':
      return (stored, rawBytes) => gunzipSync(stored, { maxOutputLength: Math.max(1, rawBytes) });
    case 'ZSTD': {
      const { decompress } = await zstdLibrary();
      return (stored, rawBytes) => {
        wellFormed(isZstdFrame(stored), 'a page is no zstd frame');
        wellFormed(
          (statedSize(stored) ?? rawBytes) === rawBytes,
          'a zstd frame has another size than its page',
        );
        return decompress(Buffer.from(stored), { defaultHeapSize: rawBytes });
      };
    }
    case 'SNAPPY':
    case 'BROTLI':
    case 'LZ4':
    case 'LZ4_RAW': {
      const { compressors } = await import('hyparquet-compressors');
      const engine = compressors[codec];
      wellFormed(engine, `the compression ${codec} is not supported`);
      return (stored, rawBytes) => engine(stored, rawBytes);
    }
    case 'LZO':
      throw damaged('the compression LZO is not supported');
    default:
      return codec satisfies never;
  }
}
