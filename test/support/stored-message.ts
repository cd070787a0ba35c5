/** What a Tablestore call says about one row, read with the service's own parsers: not with those under test. */
import { VARIANT } from '../../infra/local/ots/wire/plain-format.ts';
import { readPlainRow } from '../../infra/local/ots/wire/plain-reader.ts';
import { ProtoReader } from '../../infra/local/ots/wire/proto-reader.ts';

/** Key texts and columns of the row that a GetRow, PutRow or DeleteRow names. */
export interface NamedRow {
  readonly key: readonly string[];
  readonly columns: ReadonlyMap<string, string>;
}

/** `{ 1 table, 2 row or key, … }` in all three messages. */
const ROW_FIELD = 2;
/** Type byte, then u32 length, then the text. */
const TEXT_AT = 5;

/** Reads the row of such a message. */
export function namedRow(body: Uint8Array): NamedRow {
  const reader = new ProtoReader(body);
  while (reader.next()) {
    if (reader.field !== ROW_FIELD) continue;
    const { primaryKey, cells } = readPlainRow(reader.bytes());
    return {
      key: primaryKey.map(({ value }) => textOf(value)),
      columns: new Map(cells.map(({ name, value }) => [name, textOf(value)])),
    };
  }
  throw new Error('the message names no row');
}

/** Texts as they are; anything else so that equal values have equal texts. */
function textOf(value: Uint8Array | undefined): string {
  if (value === undefined) return '';
  const bytes = Buffer.from(value);
  if (bytes[0] === VARIANT.STRING) return bytes.toString('utf8', TEXT_AT);
  if (bytes[0] === VARIANT.INTEGER) return String(bytes.readBigInt64LE(1));
  if (bytes[0] === VARIANT.BOOLEAN) return String(bytes[1] === 1);
  return bytes.toString('hex');
}
