import type { ConnectorDef } from '../contract.ts';
import { StreamReader } from './reader.ts';
import { type StreamReaderConfig, streamReaderSchema } from './reader-config.ts';
import { StreamWriter, type StreamWriterConfig, streamWriterSchema } from './writer.ts';

/** Generated rows as a source, nothing as a target: for trying out and measuring. */
export const stream: ConnectorDef<StreamReaderConfig, StreamWriterConfig> = {
  type: 'stream',
  connectionKeys: [],
  secretKeys: [],
  reader: { schema: streamReaderSchema, open: (config) => new StreamReader(config) },
  writer: {
    schema: streamWriterSchema,
    delivery: 'at-least-once',
    adding: (params) => params,
    open: () => new StreamWriter(),
  },
};
