import { stream } from '../../../core/connectors/stream/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import { describeReaderContract } from './reader-contract.ts';

const context = {
  clock: systemClock,
  random: systemRandom,
  log: silentLogger,
  timeZone: 'Asia/Shanghai',
  signal: new AbortController().signal,
};
const reader = stream.reader!;

const column = [
  { value: 'x' },
  { type: 'long', random: '-9223372036854775808,9223372036854775807' },
  { type: 'double', random: '-1.5,2.5' },
  { type: 'string', random: '0,12' },
  { type: 'bytes', random: '1,3' },
  { type: 'bool', random: '1,3' },
  { type: 'date', random: '2014-07-07 00:00:00,2016-07-07 00:00:00' },
];

describeReaderContract('stream, many blocks', async () => ({
  open: () => reader.open(reader.schema.parse({ column, sliceRecordCount: 12_001 }), context),
  expected: undefined,
  close: async () => undefined,
}));

describeReaderContract(
  'stream, one constant row',
  async () => ({
    open: () =>
      reader.open(
        reader.schema.parse({ column: [{ type: 'long', value: '7' }], sliceRecordCount: 1 }),
        context,
      ),
    expected: [['7']],
    close: async () => undefined,
  }),
  [1],
);
