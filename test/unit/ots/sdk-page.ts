import TableStore from 'tablestore';
import type { TableSchema, Value } from '../../../core/tablestore/index.ts';

/** A row as tests write it down; `cells` in the order in which the service would send them. */
export interface SampleRow {
  readonly key: readonly Value[];
  readonly cells: readonly (readonly [string, Value])[];
}

interface Encoder {
  Long: { fromString(text: string): unknown };
  PlainBufferBuilder: { serializeForPutRow(key: object[], cells: object[]): Buffer };
  PlainBufferInputStream: new (bytes: { buffer: Buffer; offset: number; limit: number }) => unknown;
  PlainBufferCodedInputStream: new (stream: unknown) => { readRows(): SdkRow[] };
}

/** A row as the SDK decodes it. */
export interface SdkRow {
  readonly primaryKey: readonly { readonly name: string; readonly value: unknown }[];
  readonly attributes: readonly { readonly columnName: string; readonly columnValue: unknown }[];
}

const sdk = TableStore as unknown as Encoder;

const forSdk = (value: Value): unknown => {
  if (typeof value === 'bigint') return sdk.Long.fromString(value.toString());
  return value instanceof Uint8Array ? Buffer.from(value) : value;
};

/** A page as the service would send it, encoded by the SDK. Every cell has a version. */
export function sdkPage(schema: TableSchema, rows: readonly SampleRow[]): Buffer {
  const bodies = rows.map(({ key, cells }) => {
    const pk = schema.key.map(({ name }, i) => ({ [name]: forSdk(key[i]!) }));
    const data = cells.map(([name, value]) => ({ [name]: forSdk(value), timestamp: 1_700_000_000_000 }));
    return Buffer.from(sdk.PlainBufferBuilder.serializeForPutRow(pk, data)).subarray(4);
  });
  return Buffer.concat([Buffer.from([0x75, 0, 0, 0]), ...bodies]);
}

/** The same page through the SDK's decoder. */
export function sdkDecode(page: Buffer): SdkRow[] {
  const stream = new sdk.PlainBufferInputStream({ buffer: page, offset: 0, limit: page.length });
  return new sdk.PlainBufferCodedInputStream(stream).readRows();
}
