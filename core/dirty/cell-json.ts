/**
 * A cell of the dirty desk as JSON: exact, and in words that a person can edit.
 *
 *     null                     null
 *     "text"                   text
 *     {"long": "-12"}          int64, plain digits
 *     {"double": "0.1"}        float64, the shortest digits that read back as it; NaN, Infinity, -0
 *     {"bool": true}           bool
 *     {"bytes": "AP8="}        bytes, base64
 *     {"rawText": "w1A="}      text whose bytes are no UTF-8, base64
 */
import { isUtf8 } from 'node:buffer';
import { type CellForm, Form, type RowBlock } from '../types/index.ts';

/** One cell as JSON. */
export type CellJson =
  | null
  | string
  | { readonly long: string }
  | { readonly double: string }
  | { readonly bool: boolean }
  | { readonly bytes: string }
  | { readonly rawText: string };

/** One cell as a block holds it. */
export interface RawCell {
  readonly form: CellForm;
  readonly bytes: Buffer;
}

/** The cell of a block as JSON. */
export function cellToJson(block: RowBlock, row: number, column: number): CellJson {
  const cell = row * block.columns.length + column;
  const bytes = block.bytes.subarray(block.starts[cell]!, block.ends[cell]!);
  const form = block.forms[cell] as CellForm;
  switch (form) {
    case Form.null:
      return null;
    case Form.text:
      return isUtf8(bytes) ? bytes.toString('utf8') : { rawText: bytes.toString('base64') };
    case Form.int64:
      return { long: String(bytes.readBigInt64LE(0)) };
    case Form.float64:
      return { double: doubleText(bytes.readDoubleLE(0)) };
    case Form.bytes:
      return { bytes: bytes.toString('base64') };
    case Form.bool:
      return { bool: bytes[0] !== 0 };
    default:
      return form satisfies never;
  }
}

const doubleText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The cell that JSON stands for. Throws a RangeError with words for the person. */
export function cellFromJson(json: unknown): RawCell {
  if (json === null) return { form: Form.null, bytes: Buffer.alloc(0) };
  if (typeof json === 'string') return { form: Form.text, bytes: Buffer.from(json, 'utf8') };
  if (typeof json === 'boolean') return boolCell(json);
  if (typeof json === 'number') return numberCell(json);
  return taggedCell(json);
}

/** Plain JSON numbers are taken as long as they say exactly what they mean. */
function numberCell(value: number): RawCell {
  if (Number.isSafeInteger(value)) return longCell(String(value));
  throw new RangeError(
    `the number ${value} is ambiguous: write {"double": "${value}"}, or {"long": "…"} with all digits, or text`,
  );
}

function taggedCell(json: unknown): RawCell {
  const entries = typeof json === 'object' && json !== null ? Object.entries(json) : [];
  const [only, second] = entries;
  if (!only || second) throw new RangeError('is neither null, text, a number, a boolean nor a tagged value');
  const [tag, value] = only as [string, unknown];
  if (tag === 'bool' && typeof value === 'boolean') return boolCell(value);
  if (typeof value !== 'string') throw new RangeError(`the value of \`${tag}\` has the wrong type`);
  if (tag === 'long') return longCell(value);
  if (tag === 'double') return doubleCell(value);
  if (tag === 'bytes') return { form: Form.bytes, bytes: fromBase64(value) };
  if (tag === 'rawText') return { form: Form.text, bytes: fromBase64(value) };
  throw new RangeError(`\`${tag}\` is no kind of value; there are long, double, bool, bytes and rawText`);
}

const boolCell = (value: boolean): RawCell => ({ form: Form.bool, bytes: Buffer.from([value ? 1 : 0]) });

/** A whole number of 64 bits, signed. */
export function longCell(text: string): RawCell {
  if (!/^-?\d{1,19}$/.test(text) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
    throw new RangeError(`\`${text}\` is no whole number of 64 bits`);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(text));
  return { form: Form.int64, bytes };
}

/** A double: digits, or one of the words NaN, Infinity, -Infinity. */
export function doubleCell(text: string): RawCell {
  const isNumber = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text));
  if (!isNumber && !/^(NaN|-?Infinity)$/.test(text)) throw new RangeError(`\`${text}\` is no double`);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(text));
  return { form: Form.float64, bytes };
}

function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new RangeError('is no canonical base64');
  return bytes;
}
