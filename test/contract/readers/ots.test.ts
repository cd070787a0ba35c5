import {
  columns,
  type LocalRow,
  type OtsHarness,
  startHarness,
} from '../../integration/ots-reader/ots-harness.ts';
import { describeReaderContract } from './reader-contract.ts';

const ROWS = 12_345;
const user = (i: number): string => `user_${String(Math.floor(i / 3)).padStart(6, '0')}`;

/** Three rows per partition key; every fifth row has no attributes. */
function* sample(): Generator<LocalRow> {
  for (let i = 0; i < ROWS; i++) {
    yield {
      primaryKey: [user(i), BigInt(i % 3)],
      columns:
        i % 5 === 0
          ? []
          : [
              ['amount', i / 8],
              ['blob', Uint8Array.of(i & 255)],
              ['note', `n${i}`],
              ['ok', i % 2 === 0],
              ['seq', BigInt(i) - 9007199254740993n],
            ],
    };
  }
}

const textRow = (i: number): string[] => {
  const cells =
    i % 5 === 0
      ? ['null', 'null', 'null', 'null', 'null']
      : [
          `n${i}`,
          String(BigInt(i) - 9007199254740993n),
          String(i / 8),
          String(i % 2 === 0),
          `bytes ${Buffer.of(i & 255).toString('hex')}`,
        ];
  return [...cells, user(i), String(i % 3), 'fixed'];
};

const column = [
  ...columns('note', 'seq', 'amount', 'ok', 'blob', 'user', 'n'),
  { type: 'string', value: 'fixed' },
];

async function harnessOf(params: object, expected: readonly (readonly string[])[]) {
  const harness: OtsHarness = await startHarness();
  await harness.createTable('events', { user: 'STRING', n: 'INTEGER' }, sample());
  return {
    open: () => harness.open({ table: 'events', column, ...params }),
    expected,
    close: async () => harness[Symbol.asyncDispose](),
  };
}

const all = Array.from({ length: ROWS }, (_, i) => textRow(i));
const at = (value: string) => ({ type: 'STRING', value });

describeReaderContract('ots, whole table', () => harnessOf({}, all), [1, 3, 20]);

describeReaderContract('ots, backward', () =>
  harnessOf({ range: { begin: [{ type: 'INF_MAX' }], end: [{ type: 'INF_MIN' }] } }, [...all].reverse()),
);

describeReaderContract('ots, a range with splits', () =>
  harnessOf(
    {
      range: {
        begin: [at('user_000100')],
        end: [at('user_003000')],
        split: [at('user_001000'), at('user_002000')],
      },
    },
    all.slice(300, 9003),
  ),
);
