import type { Step } from './place.ts';

/** Notations of job files. */
export type Dialect = 'v2' | 'datax';

/** How many shards may move at once. */
export const CHANNELS = 3;

/** The file of a job, as people write it. */
export const jobText = (dialect: Dialect, reader: Step, writer: Step): string =>
  JSON.stringify(dialect === 'v2' ? dataWorks(reader, writer) : dataX(reader, writer));

const dataWorks = (reader: Step, writer: Step): object => ({
  type: 'job',
  version: '2.0',
  steps: [
    { category: 'reader', stepType: reader.plugin, name: 'Reader', parameter: reader.parameter },
    { category: 'writer', stepType: writer.plugin, name: 'Writer', parameter: writer.parameter },
  ],
  order: { hops: [{ from: 'Reader', to: 'Writer' }] },
  setting: { errorLimit: { record: '0' }, speed: { concurrent: CHANNELS, throttle: false } },
});

/** DataX lists the addresses and tables of databases under `connection`; a writer has one address as a text. */
const dataX = (reader: Step, writer: Step): object => ({
  job: {
    content: [
      {
        reader: { name: `${reader.plugin}reader`, parameter: nested(reader, (url) => [url]) },
        writer: { name: `${writer.plugin}writer`, parameter: nested(writer, (url) => url) },
      },
    ],
    setting: { speed: { channel: CHANNELS }, errorLimit: { record: 0 } },
  },
});

function nested({ parameter }: Step, address: (url: string) => string | string[]): object {
  const { jdbcUrl, table, ...rest } = parameter;
  if (typeof jdbcUrl !== 'string' || typeof table !== 'string') return parameter;
  return { ...rest, connection: [{ jdbcUrl: address(jdbcUrl), table: [table] }] };
}
