/** The peer: the export as one writes it with the plain SDKs and csv-stringify, page by page, into one object. */
import { PassThrough } from 'node:stream';
import { stringify } from 'csv-stringify';
import TableStore from 'tablestore';
import { COLUMNS } from '../../test/support/dataset.ts';
import { bucketClient } from '../../test/support/export-check.ts';
import { serveSubject } from '../child.ts';
import type { ExportInput } from '../export.ts';

interface SdkRow {
  readonly primaryKey: readonly { readonly name: string; readonly value: unknown }[];
  readonly attributes: readonly { readonly columnName: string; readonly columnValue: unknown }[];
}
interface SdkPage {
  readonly rows: readonly SdkRow[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: unknown }[] | null;
}

serveSubject<ExportInput>(async ({ address, prefix }) => {
  const ots = new TableStore.Client({
    endpoint: address.ots,
    instancename: 'local',
    accessKeyId: address.accessKeyId,
    secretAccessKey: address.accessKeySecret,
  });
  const oss = bucketClient({ ...address, endpoint: address.oss, bucket: 'exports' });
  return async () => {
    const lines = stringify();
    const body = lines.pipe(new PassThrough());
    const put = oss.putStream(`${prefix}/all.csv`, body);
    let rows = 0;
    let start: unknown = [{ bucket: TableStore.INF_MIN }, { id: TableStore.INF_MIN }];
    while (start) {
      const page = (await ots.getRange({
        tableName: 'everything',
        direction: TableStore.Direction.FORWARD,
        inclusiveStartPrimaryKey: start,
        exclusiveEndPrimaryKey: [{ bucket: TableStore.INF_MAX }, { id: TableStore.INF_MAX }],
        maxVersions: 1,
      } as never)) as unknown as SdkPage;
      for (const row of page.rows) {
        if (!lines.write(fields(row))) await new Promise((resolve) => lines.once('drain', resolve));
      }
      rows += page.rows.length;
      start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value }));
    }
    lines.end();
    await put;
    return { rows, bytes: 0 };
  };
});

function fields(row: SdkRow): string[] {
  const values = new Map<string, unknown>();
  for (const { name, value } of row.primaryKey) values.set(name, value);
  for (const { columnName, columnValue } of row.attributes) values.set(columnName, columnValue);
  return COLUMNS.map((name) => text(values.get(name)));
}

function text(value: unknown): string {
  if (value === undefined) return 'null';
  return Buffer.isBuffer(value) ? value.toString('base64') : String(value);
}
