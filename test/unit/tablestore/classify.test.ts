import { describe, expect, test } from 'vitest';
import { UnknownOutcomeError } from '../../../core/errors/index.ts';
import { classify, NetworkFault, ProtocolFault, ServiceFault } from '../../../core/tablestore/index.ts';

const codes = {
  unreachable: 'SRC-2001',
  denied: 'SRC-2002',
  throttled: 'SRC-2003',
  refused: 'SRC-2004',
  undecodable: 'SRC-2005',
} as const;
const site = (write: boolean) => ({ operation: 'op', write, codes });

describe('service faults', () => {
  test.each([
    // code, status, read: kind and code, write: kind
    ['OTSAuthFailed', 403, 'auth', 'SRC-2002', 'auth'],
    ['OTSNoPermissionAccess', 403, 'auth', 'SRC-2002', 'auth'],
    ['OTSServerBusy', 503, 'throttled', 'SRC-2003', 'throttled'],
    ['OTSStorageServerBusy', 503, 'throttled', 'SRC-2003', 'throttled'],
    ['OTSOperationThrottled', 403, 'throttled', 'SRC-2003', 'throttled'],
    ['OTSNotEnoughCapacityUnit', 403, 'throttled', 'SRC-2003', 'throttled'],
    ['OTSTableNotReady', 404, 'transient', 'SRC-2001', 'transient'],
    ['OTSPartitionUnavailable', 503, 'transient', 'SRC-2001', 'transient'],
    ['OTSRowOperationConflict', 409, 'transient', 'SRC-2001', 'transient'],
    ['OTSInternalServerError', 500, 'transient', 'SRC-2001', 'unknown'],
    ['OTSServerUnavailable', 503, 'transient', 'SRC-2001', 'unknown'],
    ['OTSTimeout', 503, 'transient', 'SRC-2001', 'unknown'],
    ['OTSRequestTimeout', 408, 'transient', 'SRC-2001', 'unknown'],
    ['OTSConditionCheckFail', 403, 'conflict', 'SRC-2004', 'conflict'],
    ['OTSObjectAlreadyExist', 409, 'conflict', 'SRC-2004', 'conflict'],
    ['OTSTrimmedDataAccess', 404, 'lost', 'SRC-2004', 'lost'],
    ['OTSObjectNotExist', 404, 'config', 'SRC-2004', 'config'],
    ['OTSParameterInvalid', 400, 'config', 'SRC-2004', 'config'],
    ['OTSInvalidPK', 400, 'config', 'SRC-2004', 'config'],
    ['OTSQuotaExhausted', 403, 'config', 'SRC-2004', 'config'],
    ['OTSSomethingNew', 400, 'config', 'SRC-2004', 'config'],
    ['OTSSomethingNew', 503, 'transient', 'SRC-2001', 'unknown'],
    ['', 502, 'transient', 'SRC-2001', 'unknown'],
    ['', 429, 'throttled', 'SRC-2003', 'throttled'],
    ['', 403, 'auth', 'SRC-2002', 'auth'],
  ])('%s %i', (otsCode, status, readKind, code, writeKind) => {
    const fault = new ServiceFault(otsCode, status, 'words', 'req');
    expect(classify(fault, site(false))).toMatchObject({ kind: readKind, code, cause: fault });
    expect(classify(fault, site(true)).kind).toBe(writeKind);
  });

  test('too frequent table operations is throttling, other quotas are not', () => {
    const fault = new ServiceFault('OTSQuotaExhausted', 403, 'Too frequent table operations.', '');
    expect(classify(fault, site(true)).kind).toBe('throttled');
  });

  test('long messages are cut', () => {
    const fault = new ServiceFault('OTSParameterInvalid', 400, 'x'.repeat(10_000), '');
    expect(classify(fault, site(true)).message.length).toBeLessThan(400);
  });
});

describe('other faults', () => {
  test('a request that never left had no effect', () => {
    const fault = new NetworkFault('refused', false);
    expect(classify(fault, site(true))).toMatchObject({ kind: 'transient', code: 'SRC-2001' });
  });

  test('a lost answer may hide an effect', () => {
    const fault = new NetworkFault('reset', true);
    expect(classify(fault, site(true))).toBeInstanceOf(UnknownOutcomeError);
    expect(classify(fault, site(false)).kind).toBe('transient');
  });

  test('damage is retryable and tells where', () => {
    const error = classify(new ProtocolFault('cell checksum mismatch', 17), site(false));
    expect(error).toMatchObject({ kind: 'transient', code: 'SRC-2005', detail: { offset: 17 } });
    expect(classify(new ProtocolFault('x', 1), site(true))).toBeInstanceOf(UnknownOutcomeError);
  });

  test('anything else is a defect', () => {
    expect(classify(new TypeError('x is not a function'), site(false)).kind).toBe('bug');
  });
});
