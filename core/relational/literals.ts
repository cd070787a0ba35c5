/**
 * Values as SQL text, for statements that take no parameters: COPY, and the text protocol of MySQL. Text of MySQL is
 * written in hexadecimal, so neither quotes nor backslashes nor the mode of the session can change what it means;
 * text of PostgreSQL relies on `standard_conforming_strings = on`, which every session here sets.
 */
import { AssertionError, SyncError } from '../errors/index.ts';
import type { Dialect } from './dialect.ts';

/** A text as SQL. NUL exists in no text of PostgreSQL and is refused there. */
export function quoteText(dialect: Dialect, text: string): string {
  if (dialect === 'mysql') {
    return text === '' ? "''" : `_utf8mb4 0x${Buffer.from(text, 'utf8').toString('hex')}`;
  }
  if (text.includes('\0')) throw new SyncError('SRC-2024', 'config', 'a text of PostgreSQL cannot hold NUL');
  return `'${text.replaceAll("'", "''")}'`;
}

/** Bytes as SQL. */
export function quoteBytes(dialect: Dialect, bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  if (dialect === 'mysql') return hex === '' ? "''" : `0x${hex}`;
  return `'\\x${hex}'::bytea`;
}

/** Digits of a number as SQL; whatever else the text holds is a defect of the caller. */
export function quoteNumber(text: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new AssertionError('a number for SQL is none');
  return text;
}
