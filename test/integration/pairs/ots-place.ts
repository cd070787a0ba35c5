import TableStore from 'tablestore';
import { type LocalRow, type LocalValue, type OtsHarness, startHarness } from '../ots-reader/ots-harness.ts';
import type { Place, Step } from './place.ts';
import { COLUMNS, type ColumnName, canonicalRow, type Row } from './rows.ts';

/** Tablestore's types of the columns; what it has no type for is text. */
const TYPES: Partial<Record<ColumnName, 'int' | 'double' | 'bool' | 'binary'>> = {
  id: 'int',
  small: 'int',
  ratio: 'double',
  flag: 'bool',
  raw: 'binary',
};
/** First keys of the shards but the first. */
const SPLIT = ['1000', '5000', '9000', '13000'];

/** Tablestore on this machine, looked at through its SDK. */
export class OtsPlace implements Place {
  readonly name = 'ots';
  readonly typed = false;
  readonly #harness: OtsHarness;
  readonly #client: SdkClient;

  private constructor(harness: OtsHarness, client: SdkClient) {
    this.#harness = harness;
    this.#client = client;
  }

  static async start(): Promise<OtsPlace> {
    const harness = await startHarness();
    const client = new sdk.Client({
      endpoint: harness.service.endpoint,
      instancename: 'inst',
      accessKeyId: 'id',
      secretAccessKey: 'secret',
    });
    return new OtsPlace(harness, client);
  }

  fill(table: string, rows: readonly Row[]): Promise<void> {
    const ordered = [...rows].sort((a, b) => (BigInt(a.id ?? 0) < BigInt(b.id ?? 0) ? -1 : 1));
    return this.#harness.createTable(table, { id: 'INTEGER' }, ordered.map(stored));
  }

  reader(table: string): Step {
    const split = SPLIT.map((value) => ({ type: 'INT', value }));
    const range = { begin: [{ type: 'INF_MIN' }], end: [{ type: 'INF_MAX' }], split };
    const column = COLUMNS.map((name) => ({ name }));
    return { plugin: 'ots', parameter: { ...this.#login(), table, column, range } };
  }

  async target(table: string): Promise<Step> {
    await this.#harness.createTable(table, { id: 'INTEGER' }, []);
    const [, ...attributes] = COLUMNS;
    const column = attributes.map((name) => ({ name, type: TYPES[name] ?? 'string' }));
    const parameter = { ...this.#login(), table, primaryKey: ['id'], column, writeMode: 'PutRow' };
    return { plugin: 'ots', parameter };
  }

  async rows(table: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let start: unknown = sdk.INF_MIN; start !== undefined; ) {
      const page: SdkPage = await this.#client.getRange({
        tableName: table,
        direction: sdk.Direction.FORWARD,
        inclusiveStartPrimaryKey: [{ id: start }],
        exclusiveEndPrimaryKey: [{ id: sdk.INF_MAX }],
        maxVersions: 1,
      });
      rows.push(...page.rows.map(shown));
      start = page.nextStartPrimaryKey?.[0]?.value;
    }
    return rows;
  }

  async alter(table: string): Promise<void> {
    await this.#client.updateRow({
      tableName: table,
      condition: new sdk.Condition(sdk.RowExistenceExpectation.EXPECT_EXIST, null),
      primaryKey: [{ id: sdk.Long.fromNumber(2500) }],
      updateOfAttributeColumns: [{ PUT: [{ word: 'altered' }] }],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#harness[Symbol.asyncDispose]();
  }

  #login(): Step['parameter'] {
    return { ...this.#harness.connection() } as Step['parameter'];
  }
}

const stored = (row: Row): LocalRow => ({
  primaryKey: [BigInt(row.id ?? 0)],
  columns: COLUMNS.flatMap((name) => {
    const value = row[name];
    return name === 'id' || value === null ? [] : [[name, typed(name, value)] as const];
  }),
});

function typed(name: ColumnName, text: string): LocalValue {
  switch (TYPES[name]) {
    case 'int':
      return BigInt(text);
    case 'double':
      return Number(text);
    case 'bool':
      return text === '1';
    case 'binary':
      return Buffer.from(text, 'hex');
    default:
      return text;
  }
}

function shown({ primaryKey = [], attributes = [] }: SdkPage['rows'][number]): Row {
  const cells = new Map<string, unknown>([
    ...primaryKey.map(({ name, value }) => [name, value] as const),
    ...attributes.map(({ columnName, columnValue }) => [columnName, columnValue] as const),
  ]);
  return canonicalRow(
    COLUMNS.map((name) => {
      const value = cells.get(name);
      if (value === undefined) return null;
      return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
    }),
  );
}

interface SdkPage {
  readonly rows: readonly {
    readonly primaryKey?: readonly { readonly name: string; readonly value: unknown }[];
    readonly attributes?: readonly { readonly columnName: string; readonly columnValue: unknown }[];
  }[];
  readonly nextStartPrimaryKey: readonly { readonly name: string; readonly value: unknown }[] | null;
}

interface SdkClient {
  getRange(params: object): Promise<SdkPage>;
  updateRow(params: object): Promise<unknown>;
}

/** What the tests use of the SDK, whose own types leave most of it out. */
const sdk = TableStore as unknown as {
  readonly Client: new (options: object) => SdkClient;
  readonly Condition: new (expectation: unknown, column: null) => object;
  readonly RowExistenceExpectation: { readonly EXPECT_EXIST: unknown };
  readonly Long: { fromNumber(value: number): unknown };
  readonly INF_MIN: unknown;
  readonly INF_MAX: unknown;
  readonly Direction: { readonly FORWARD: unknown };
};
