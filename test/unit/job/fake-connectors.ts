// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import { z } from 'zod';
import type { AnyConnectorDef, ConnectorDef } from '../../../core/connectors/contract.ts';
import type { ConfigFault } from '../../../core/errors/index.ts';
import { ConfigError } from '../../../core/errors/index.ts';
import { type LoadedJob, type LoadOptions, loadJob } from '../../../core/job/index.ts';

const text = z.string().min(1);
const connection = { endpoint: text, accessId: text, accessKey: text };
const never = (): never => {
  throw new Error('not opened in these tests');
};

const bound = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['INF_MIN', 'INF_MAX']) }),
  z.strictObject({ type: z.enum(['STRING', 'INT', 'BINARY']), value: z.string() }),
]);

const rowsReader = z.strictObject({
  ...connection,
  instanceName: text,
  table: text,
  column: z.array(z.union([text, z.strictObject({ name: text })])).min(1),
  range: z
    .strictObject({
      begin: z.array(bound).optional(),
      end: z.array(bound).optional(),
      split: z.array(bound).optional(),
    })
    .optional(),
  mode: z.enum(['normal', 'multiVersion']).default('normal'),
  maxRetryTime: z.int().min(0).max(100).default(18),
  newVersion: z.boolean().default(false),
});

const fileWriter = z
  .strictObject({
    ...connection,
    bucket: text,
    object: text,
    writeMode: z.enum(['truncate', 'append', 'nonConflict']),
    fileFormat: z.enum(['text', 'csv']).default('text'),
    fieldDelimiter: z.string().default(','),
    maxFileSize: z.number().positive().optional(),
    writeSingleObject: z.boolean().default(false),
    header: z.array(z.string()).optional(),
  })
  .refine((value) => !(value.writeSingleObject && value.writeMode === 'append'), {
    error: '`writeSingleObject` cannot append',
  });

const rows: ConnectorDef<z.infer<typeof rowsReader>> = {
  type: 'rows',
  connectionKeys: ['endpoint', 'accessId', 'accessKey', 'instanceName'],
  secretKeys: ['accessKey'],
  reader: { schema: rowsReader, open: never },
};

const files: ConnectorDef<never, z.infer<typeof fileWriter>> = {
  type: 'files',
  connectionKeys: ['endpoint', 'accessId', 'accessKey', 'bucket'],
  secretKeys: ['accessKey'],
  writer: { schema: fileWriter, delivery: 'atomic', open: never },
};

const devnull: ConnectorDef<unknown, unknown> = {
  type: 'devnull',
  connectionKeys: [],
  secretKeys: [],
  reader: { schema: z.strictObject({ sliceRecordCount: z.int().min(1).default(1) }), open: never },
  writer: {
    schema: z.strictObject({ print: z.boolean().default(true) }),
    delivery: 'at-least-once',
    open: never,
  },
};

/** Connectors that exist only here: `rows` reads, `files` writes, `devnull` does both. */
export const fakes: Readonly<Record<string, AnyConnectorDef>> = { rows, files, devnull };

/** Data sources of both fake systems, with secrets by reference. */
export const dataSources = {
  shop: {
    type: 'rows',
    endpoint: 'https://shop.example',
    instanceName: 'shop',
    accessId: '${env:SHOP_ID}',
    accessKey: '${env:SHOP_KEY}',
  },
  lake: {
    type: 'files',
    endpoint: 'https://lake.example',
    bucket: 'lake',
    accessId: 'lake-id',
    accessKey: '${file:lake.key}',
  },
  broken: {
    type: 'files',
    endpoint: 'https://lake.example',
    bucket: '',
    accessId: 'x',
    accessKey: '${env:K}',
  },
  stray: { type: 'files', endpoint: 'https://lake.example', buckett: 'lake' },
};

/** 2025-11-01 02:30:45 in Shanghai. */
export const SCHEDULED_MS = Date.UTC(2025, 9, 31, 18, 30, 45);

/** Options for a job that is due at `SCHEDULED_MS`. */
export const optionsOf = (changes: Partial<LoadOptions> = {}): LoadOptions => ({
  file: 'job.json',
  schedule: { scheduledMs: SCHEDULED_MS, timeZone: 'Asia/Shanghai' },
  params: {},
  findConnector: async (type) => (Object.hasOwn(fakes, type) ? fakes[type] : undefined),
  connectorTypes: Object.keys(fakes),
  dataSources,
  ...changes,
});

/** Loads a job with the fakes. */
export const load = (source: string, changes: Partial<LoadOptions> = {}): Promise<LoadedJob> =>
  loadJob(source, optionsOf(changes));

/** The faults of a call that must be refused. */
export async function faultsOf(call: () => unknown): Promise<readonly ConfigFault[]> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('nothing was refused');
}
