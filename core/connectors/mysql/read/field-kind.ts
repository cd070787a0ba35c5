/** What the scanner makes of the text of a field, by the type of its column. */
import { Form } from '../../../types/index.ts';

/** The form of a value that is one; a `date` may be the date that is none, which becomes a null. */
export const FieldKind = {
  text: Form.text,
  bytes: Form.bytes,
  bool: Form.bool,
  date: Form.text | 0x80,
} as const;

const NO_DATE = Buffer.from('0000-00-00');

/**
 * Whether the bytes begin with the date that is none; a time of day may follow. Dates with a zero month or day alone stay
 * for the target to judge.
 */
export function isNoDate(bytes: Buffer, start: number, end: number): boolean {
  const stop = start + NO_DATE.length;
  return bytes[start] === NO_DATE[0] && stop <= end && NO_DATE.equals(bytes.subarray(start, stop));
}

/** The form of a value of this kind. */
export function formOf(kind: number, bytes: Buffer, start: number, end: number): number {
  if (kind !== FieldKind.date) return kind;
  return isNoDate(bytes, start, end) ? Form.null : Form.text;
}
