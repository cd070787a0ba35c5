import { ots } from '../../../core/connectors/ots/index.ts';
import type { FaultRule } from '../../../infra/local/service.ts';
import { contextOf, startHarness } from '../../integration/ots-reader/ots-harness.ts';
import { describeKeyedContract, type KeyedHarness } from './keyed-contract.ts';

/** A table `t (id INTEGER)` of the embedded service. */
async function startTable(params: object): Promise<KeyedHarness> {
  const harness = await startHarness();
  await harness.createTable('t', { id: 'INTEGER' }, []);
  let rule: FaultRule | undefined;
  let calls = 0;
  harness.setFaults((point) => {
    if (point.operation !== 'BatchWriteRow') return undefined;
    calls++;
    return rule?.(point);
  });
  return {
    open: (signal = new AbortController().signal) => {
      const config = ots.writer!.schema.parse({
        ...harness.connection(),
        table: 't',
        primaryKey: [{ name: 'id', type: 'int' }],
        column: [
          { name: 'text', type: 'string' },
          { name: 'n', type: 'int' },
        ],
        retrySleepInMillisecond: 1,
        batchWriteCount: 10,
        ...params,
      });
      return ots.writer!.open(config, contextOf({ signal }));
    },
    rows: async () => {
      const key = (value: bigint) => [{ name: 'id', value }];
      const request = { table: 't', direction: 'FORWARD', begin: key(-1n), end: key(1_000_000n) } as const;
      const { rows } = await harness.client.getRangeRows(request);
      return rows.map((row) =>
        [row.key[0]?.value, row.columns.get('text') ?? null, row.columns.get('n')].map(String).join(':'),
      );
    },
    countCalls: () => {
      const before = calls;
      let after: number | undefined;
      return () => {
        after ??= calls - before;
        return after;
      };
    },
    dieAt: (call, how, end) => {
      let left = call;
      rule = () => {
        if (left-- !== 0) return undefined;
        if (how === 'before') end.abort();
        return how === 'before' ? { kind: 'reset' } : { kind: 'lose-answer', performed: () => end.abort() };
      };
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

describeKeyedContract('ots, PutRow', () => startTable({ writeMode: 'PutRow' }));
describeKeyedContract('ots, UpdateRow, one batch at a time', () =>
  startTable({ writeMode: 'UpdateRow', concurrencyWrite: 1 }),
);
