import { CAPACITY_UNIT_BYTES } from '../limits.ts';
import type { OtsError } from '../ots-error.ts';
import type { Instance } from '../table/instance.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';

/** What a call may use. `nowMs` is read once, so that one request has one time. */
export interface CallContext {
  readonly instance: Instance;
  readonly nowMs: number;
}

/** One call of the protocol, run to its end without waiting: that makes it atomic. */
export interface Operation {
  /** True when the answer must wait until the change is durable. */
  readonly writes: boolean;
  readonly run: (context: CallContext, body: Uint8Array) => Uint8Array;
  /** Tables and keys that the call names, for fault rules. */
  readonly key: (body: Uint8Array) => string;
}

/** Capacity units of a call. */
export interface Consumed {
  readonly read: number;
  readonly write: number;
}

/** Units for `bytes`: started blocks of 4 KiB, at least one. */
export const capacityUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / CAPACITY_UNIT_BYTES));

/** Writes `ConsumedCapacity { 1 CapacityUnit { 1 read, 2 write } }` as a field. */
export function writeConsumed(out: ProtoWriter, field: number, { read, write }: Consumed): void {
  out.message(field, (consumed) =>
    consumed.message(1, (unit) => {
      unit.uint(1, read).uint(2, write);
    }),
  );
}

/** Writes `Error { 1 code, 2 message }` as a field: the error of one row in a batch. */
export function writeRowError(out: ProtoWriter, field: number, error: OtsError): void {
  out.message(field, (inner) => {
    inner.string(1, error.code).string(2, error.message);
  });
}

/** The body of calls that answer nothing. */
export const EMPTY_BODY = new Uint8Array(0);
