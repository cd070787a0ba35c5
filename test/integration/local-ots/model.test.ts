import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Cloud,
  condition,
  long,
  plain,
  refusal,
  type SdkRow,
  sdk,
  startCloud,
  tableOf,
  temporaryFolder,
} from './support.ts';

/**
 * Random sequences of calls against a map of rows that knows nothing of bytes, trees or logs. Any difference in
 * an answer, a refusal or a range is a defect. Failing seeds are printed by fast-check.
 */
type Existence = 'IGNORE' | 'EXPECT_EXIST' | 'EXPECT_NOT_EXIST';
type Columns = Readonly<Record<string, string>>;

interface KeyOf {
  readonly pk: string;
  readonly n: number;
}

type Step =
  | { readonly kind: 'put'; readonly key: KeyOf; readonly columns: Columns; readonly when: Existence }
  | {
      readonly kind: 'update';
      readonly key: KeyOf;
      readonly columns: Columns;
      readonly remove: readonly string[];
      readonly when: Existence;
    }
  | { readonly kind: 'delete'; readonly key: KeyOf; readonly when: Existence }
  | { readonly kind: 'get'; readonly key: KeyOf }
  | {
      readonly kind: 'scan';
      readonly backward: boolean;
      readonly limit: number;
      readonly columns: readonly string[];
    }
  | { readonly kind: 'restart' };

const NAMES = ['a', 'b', 'ab', 'z_1'];
const key = fc.record({
  pk: fc.constantFrom('', '\u0000', '\u0000\u0000', 'a', 'a\u0000', 'ab', 'ä', '\u{1f600}', '\uffff'),
  n: fc.constantFrom(-2147483649, -1, 0, 1, 255, 256, 9007199254740991),
});
const columns = fc.dictionary(fc.constantFrom(...NAMES), fc.string({ maxLength: 300 }), { maxKeys: 4 });
const when = fc.constantFrom<Existence>('IGNORE', 'IGNORE', 'EXPECT_EXIST', 'EXPECT_NOT_EXIST');
const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key, columns, when }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('update' as const), key, columns, remove: names, when }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), key, when }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('scan' as const),
      backward: fc.boolean(),
      limit: fc.integer({ min: 1, max: 20 }),
      columns: names,
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
);

interface ModelRow {
  readonly key: KeyOf;
  readonly columns: Columns;
}

const ofKey = ({ pk, n }: KeyOf): string => `${pk}|${n}`;

class Model {
  readonly rows = new Map<string, ModelRow>();

  allows(at: KeyOf, existence: Existence): boolean {
    const exists = this.rows.has(ofKey(at));
    return existence === 'IGNORE' || exists === (existence === 'EXPECT_EXIST');
  }

  apply(change: Step): void {
    if (change.kind === 'put') this.rows.set(ofKey(change.key), { key: change.key, columns: change.columns });
    else if (change.kind === 'delete') this.rows.delete(ofKey(change.key));
    else if (change.kind === 'update') {
      const old = this.rows.get(ofKey(change.key));
      if (!old && Object.keys(change.columns).length === 0) return;
      const merged = { ...old?.columns, ...change.columns };
      for (const name of change.remove) delete merged[name];
      this.rows.set(ofKey(change.key), { key: change.key, columns: merged });
    }
  }

  /** Rows in key order, cut to `wanted` columns (all when empty) as a read of the service cuts them. */
  scan(backward: boolean, wanted: readonly string[]): Record<string, unknown>[] {
    const ordered = [...this.rows.values()].sort(
      (a, b) => Buffer.compare(Buffer.from(a.key.pk), Buffer.from(b.key.pk)) || a.key.n - b.key.n,
    );
    if (backward) ordered.reverse();
    return ordered
      .map((row) => ({
        key: row.key,
        columns: Object.entries(row.columns).filter(([name]) => wanted.length === 0 || wanted.includes(name)),
      }))
      .filter((row) => wanted.length === 0 || row.columns.length > 0)
      .map((row) => ({ pk: row.key.pk, n: BigInt(row.key.n), ...Object.fromEntries(row.columns) }));
  }
}

const target = ({ pk, n }: KeyOf) => ({ tableName: 't', primaryKey: [{ pk }, { n: long(n) }] });

const cells = (values: Columns): object[] =>
  Object.entries(values).map(([name, value]) => ({ [name]: value }));

async function write(cloud: Cloud, model: Model, change: Step): Promise<void> {
  if (change.kind !== 'put' && change.kind !== 'update' && change.kind !== 'delete') return;
  const base = { ...target(change.key), condition: condition(change.when) };
  const { client } = cloud;
  const call = () => {
    if (change.kind === 'put') return client.putRow({ ...base, attributeColumns: cells(change.columns) });
    if (change.kind === 'delete') return client.deleteRow(base);
    const puts = Object.keys(change.columns).length > 0 ? [{ PUT: cells(change.columns) }] : [];
    const removes = change.remove.length > 0 ? [{ DELETE_ALL: [...change.remove] }] : [];
    return client.updateRow({ ...base, updateOfAttributeColumns: [...puts, ...removes] });
  };
  const empty = change.kind === 'update' && change.remove.length + Object.keys(change.columns).length === 0;
  if (empty) expect((await refusal(call())).text).toContain('Attribute column is missing.');
  else if (model.allows(change.key, change.when)) {
    await call();
    model.apply(change);
  } else expect((await refusal(call())).text).toContain('OTSConditionCheckFail');
}

async function scan(
  cloud: Cloud,
  { backward, limit, columns: wanted }: Step & { kind: 'scan' },
): Promise<unknown[]> {
  const low = [{ pk: sdk.INF_MIN }, { n: sdk.INF_MIN }];
  const high = [{ pk: sdk.INF_MAX }, { n: sdk.INF_MAX }];
  const rows: SdkRow[] = [];
  let start: object[] | undefined = backward ? high : low;
  while (start) {
    const page: Awaited<ReturnType<Cloud['client']['getRange']>> = await cloud.client.getRange({
      tableName: 't',
      direction: backward ? sdk.Direction.BACKWARD : sdk.Direction.FORWARD,
      inclusiveStartPrimaryKey: start,
      exclusiveEndPrimaryKey: backward ? low : high,
      maxVersions: 1,
      limit,
      columnsToGet: [...wanted],
    });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    start = page.nextStartPrimaryKey?.map(({ name, value }) => ({ [name]: value }));
  }
  return rows.map(plain);
}

async function check(cloud: Cloud, model: Model, change: Step): Promise<void> {
  if (change.kind === 'get') {
    const { row } = await cloud.client.getRow({ ...target(change.key), maxVersions: 1 });
    const expected = model.rows.get(ofKey(change.key));
    const { pk, n } = change.key;
    expect(plain(row)).toEqual(expected ? { pk, n: BigInt(n), ...expected.columns } : {});
  } else if (change.kind === 'scan') {
    expect(await scan(cloud, change)).toEqual(model.scan(change.backward, change.columns));
  }
}

test('any sequence of calls, with restarts, answers like a plain map', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      using folder = temporaryFolder();
      const options = { dataDir: folder.path, durability: 'buffered' } as const;
      let cloud = await startCloud(options);
      try {
        await cloud.client.createTable(tableOf('t', { pk: 'STRING', n: 'INTEGER' }));
        const model = new Model();
        const last: Step[] = [{ kind: 'restart' }, { kind: 'scan', backward: false, limit: 7, columns: [] }];
        for (const change of [...steps, ...last]) {
          if (change.kind === 'restart') {
            await cloud.service.close();
            cloud = await startCloud(options);
          }
          await write(cloud, model, change);
          await check(cloud, model, change);
        }
      } finally {
        await cloud.service.close();
      }
    }),
    { numRuns: 40 },
  );
});
