import { expect, test } from 'vitest';
import { crc64 } from './crc64.ts';

test('the check value of CRC-64/XZ', () => {
  expect(crc64(Buffer.from('123456789'))).toBe(0x995dc9bbdf1939fan.toString());
});

test('nothing sums to zero', () => {
  expect(crc64(new Uint8Array())).toBe('0');
});
