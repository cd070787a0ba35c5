import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProtoReader, required } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';

test('known encodings', () => {
  expect(new ProtoWriter().uint(1, 150).finish().toString('hex')).toBe('089601');
  expect(new ProtoWriter().string(2, 'testing').finish().toString('hex')).toBe('120774657374696e67');
  expect(new ProtoWriter().int64(1, -1n).finish().toString('hex')).toBe('08ffffffffffffffffff01');
  expect(new ProtoWriter().sint(4, -2).sint(4, 2).finish().toString('hex')).toBe('20032004');
});

test('integers of 64 bits survive in both directions', () => {
  const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), int64, (field, value) => {
      const reader = new ProtoReader(new ProtoWriter().int64(field, value).finish());
      expect(reader.next()).toBe(true);
      expect([reader.field, reader.int64(), reader.next()]).toEqual([field, value, false]);
    }),
  );
});

test('fields that nobody takes are skipped, whatever their type', () => {
  const message = Buffer.from(`0801${'11'}0102030405060708${'1a03'}616263${'25'}01020304${'2a01'}78`, 'hex');
  const reader = new ProtoReader(message);
  const fields: number[] = [];
  let last = '';
  while (reader.next()) {
    fields.push(reader.field);
    if (reader.field === 5) last = reader.string();
  }
  expect(fields).toEqual([1, 2, 3, 4, 5]);
  expect(last).toBe('x');
});

test.each([
  ['a length past the end', '0a05616263'],
  ['a varint that never ends', '08ffffffffffffffffffffff01'],
  ['a cut varint', '08ff'],
  ['field zero', '0001'],
  ['a group', '0b'],
  ['cut fixed bytes', '110102'],
])('%s is malformed', (_what, bytes) => {
  const read = () => {
    const reader = new ProtoReader(Buffer.from(bytes, 'hex'));
    while (reader.next());
  };
  expect(read).toThrow('Failed to parse the ProtoBuf message.');
});

test('taking a field as another type, or needing an absent one, is malformed', () => {
  const reader = new ProtoReader(new ProtoWriter().uint(1, 1).finish());
  reader.next();
  expect(() => reader.bytes()).toThrow('Failed to parse the ProtoBuf message.');
  expect(() => required(undefined)).toThrow('Failed to parse the ProtoBuf message.');
});
