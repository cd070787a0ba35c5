import { CastCell, createCaster } from '../../convert/index.ts';
import { ZoneClock } from '../../convert/zone-clock.ts';
import { assert, type Code } from '../../errors/index.ts';
import { type CellForm, type Column, Form, type RowBlock } from '../../types/index.ts';
import type { ByteBuffer } from '../byte-buffer.ts';
import type { CellFunctions, ColumnSteps, RecordSpace } from './cell-kernel.ts';
import { castTarget, type ParquetColumn, UNIT_DIGITS } from './parquet-column.ts';

/** Bytes of one value at most. */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024;
/** Bytes of a moment before it becomes a value, and the f64 in them. */
const RECORD_BYTES = 16;
const RECORD_FLOATS = RECORD_BYTES / 8;

/** Everything about converting the cells of one column. */
export interface CellPlan extends ColumnSteps {
  /** Why a value has no place whose cast is not in the form of the column. */
  readonly misfit: Code;
  /**
   * Casts a cell that is not in the usual form of the column, appends the result to `out` and sets its form; or says
   * why it has no place in the column.
   */
  cast(block: RowBlock, cell: number, out: ByteBuffer, forms: Uint8Array, formAt: number): Code | undefined;
}

/** What differs between the types of columns. */
interface Steps extends ColumnSteps {
  readonly misfit?: Code;
  readonly castForm?: CellForm;
}

/** The plan of a column. `timeZone` is that of wall-clock readings that become instants. */
export function cellPlan(source: Column, column: ParquetColumn, timeZone: string): CellPlan {
  const caster = createCaster(source, castTarget(column), { timeZone });
  const { misfit = 'CNV-3011', castForm = Form.text, ...steps } = stepsOf(column, timeZone);
  const cell = new CastCell();
  return {
    ...steps,
    misfit,
    cast: (block, at, out, forms, formAt) => {
      const code = caster.cast(block, at, cell);
      if (code) return code;
      forms[formAt] = castForm;
      appendCast(cell, castForm, out);
      return undefined;
    },
  };
}

/** Appends the result of a cast in the form that the kernel takes. */
function appendCast(cell: CastCell, form: CellForm, out: ByteBuffer): void {
  if (form === Form.float64) {
    out.reserve(8).writeDoubleLE(Number(cell.text()), out.length);
    out.length += 8;
  } else if (form === Form.bool) {
    const text = cell.text();
    assert(text === '0' || text === '1', 'a boolean was cast to something else');
    out.reserve(1)[out.length++] = Number(text);
  } else {
    out.append(cell.bytes.subarray(cell.start, cell.end));
  }
}

function stepsOf(column: ParquetColumn, timeZone: string): Steps {
  const { annotation, physical } = column;
  const required = Number(column.required);
  const size = physical === 'INT32' ? 4 : 8;
  switch (annotation.kind) {
    case 'string':
      return { rowBytes: undefined, run: (kernel, i) => kernel.texts(i, required, MAX_VALUE_BYTES) };
    case 'json':
      return jsonSteps(required);
    case 'date':
      return { rowBytes: 4, run: (kernel, i) => kernel.dates(i, required) };
    case 'time': {
      const places = UNIT_DIGITS[annotation.unit];
      return { rowBytes: size, run: (kernel, i) => kernel.times(i, required, places, size) };
    }
    case 'timestamp':
      return momentSteps(required, UNIT_DIGITS[annotation.unit], annotation.utc ? timeZone : 'UTC');
    case 'decimal':
      return decimalSteps(required, annotation.precision, annotation.scale, column.length, size);
    case 'integer':
      return integerSteps(required, annotation.bits, !annotation.signed, size);
    case 'none':
      return plainSteps(column, required, size);
    default:
      return annotation satisfies never;
  }
}

function plainSteps({ physical, length = 0 }: ParquetColumn, required: number, size: number): Steps {
  switch (physical) {
    case 'BOOLEAN':
      return { rowBytes: 1, castForm: Form.bool, run: (kernel, i) => kernel.bools(i, required) };
    case 'INT32':
    case 'INT64':
      return integerSteps(required, 8 * size, false, size);
    case 'DOUBLE':
      return { rowBytes: 8, castForm: Form.float64, run: (kernel, i) => kernel.doubles(i, required) };
    case 'BYTE_ARRAY':
      return {
        rowBytes: undefined,
        castForm: Form.bytes,
        run: (kernel, i) => kernel.bytes(i, required, MAX_VALUE_BYTES),
      };
    case 'FIXED_LEN_BYTE_ARRAY':
      return {
        rowBytes: length,
        castForm: Form.bytes,
        run: (kernel, i) => kernel.fixedBytes(i, required, length),
      };
    default:
      return physical satisfies never;
  }
}

function integerSteps(required: number, bits: number, unsigned: boolean, size: number): Steps {
  return {
    rowBytes: size,
    run: (kernel, i) => kernel.integers(i, required, bits, Number(unsigned), size),
  };
}

function decimalSteps(
  required: number,
  precision: number,
  scale: number,
  length: number | undefined,
  wordBytes: number,
): Steps {
  const size = length ?? wordBytes;
  const isFixed = Number(length !== undefined);
  return {
    rowBytes: size,
    run: (kernel, i) => kernel.decimals(i, required, precision, scale, size, isFixed),
  };
}

/** JSON is always cast: only the cast knows whether a text is JSON. */
function jsonSteps(required: number): Steps {
  return {
    rowBytes: undefined,
    run: (kernel, i, isCast) =>
      isCast ? kernel.texts(i, required, MAX_VALUE_BYTES) : kernel.casts(i, required),
  };
}

/** Moments of the wall clock of `zone`. */
function momentSteps(required: number, places: number, zone: string): Steps {
  const clock = zone === 'UTC' ? undefined : new ZoneClock(zone);
  return {
    rowBytes: RECORD_BYTES,
    misfit: 'CNV-3013',
    run: (kernel: CellFunctions, i, _isCast, records) => {
      const end = kernel.moments(i, required, places);
      if (clock) setInstants(clock, records, end);
      return kernel.instants(end, places);
    },
  };
}

/** The seconds of each record become those of its instant; NaN if clocks skip it. */
function setInstants(clock: ZoneClock, { from, floats }: RecordSpace, end: number): void {
  const records = floats();
  const last = end / 8;
  for (let i = from / 8; i < last; i += RECORD_FLOATS) {
    records[i] = clock.instantOf(records[i]!) ?? Number.NaN;
  }
}
