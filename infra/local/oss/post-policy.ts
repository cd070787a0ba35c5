/** The signed policy of a form upload: who signed it, until when it holds, and what it demands of the form. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyTable } from '../service.ts';
import { OssError } from './errors.ts';
import { readClaim, signingKey } from './signature-v4.ts';

/** What a valid policy still leaves to check while the file arrives. */
export interface PolicyGrant {
  readonly minBytes: number;
  readonly maxBytes: number;
}

type Fields = ReadonlyMap<string, string>;

function denied(why: string): OssError {
  return new OssError('AccessDenied', `Invalid according to Policy: ${why}.`);
}

function invalid(why: string): OssError {
  return new OssError('InvalidPolicyDocument', `The policy is not valid: ${why}.`);
}

/** Verifies signature, time and conditions of a form's policy. Throws 403 or InvalidPolicyDocument. */
export function checkPolicy(fields: Fields, bucket: string, keys: KeyTable, nowMs: number): PolicyGrant {
  const policy = fields.get('policy') ?? '';
  checkSignature(fields, policy, keys);
  const { expiration, conditions } = parsePolicy(policy);
  if (!(nowMs <= Date.parse(expiration))) throw denied('Policy expired');
  return conditions.reduce<PolicyGrant>(
    (grant, condition) => applyCondition(grant, condition, fields, bucket),
    {
      minBytes: 0,
      maxBytes: Number.POSITIVE_INFINITY,
    },
  );
}

function checkSignature(fields: Fields, policy: string, keys: KeyTable): void {
  const v4 = fields.get('x-oss-signature') !== undefined;
  const claim = v4
    ? readClaim({
        credential: fields.get('x-oss-credential'),
        timestamp: fields.get('x-oss-date'),
        additional: undefined,
        signature: fields.get('x-oss-signature'),
      })
    : undefined;
  const accessKeyId = claim?.accessKeyId ?? fields.get('ossaccesskeyid');
  const secret = accessKeyId === undefined || (v4 && !claim) ? undefined : keys.get(accessKeyId);
  if (secret === undefined) {
    throw new OssError(
      'InvalidAccessKeyId',
      'The OSS Access Key Id you provided does not exist in our records.',
    );
  }
  const expected = claim
    ? createHmac('sha256', signingKey(claim, secret)).update(policy).digest()
    : createHmac('sha1', secret).update(policy).digest();
  const sent = claim
    ? Buffer.from(claim.signature, 'hex')
    : Buffer.from(fields.get('signature') ?? '', 'base64');
  if (sent.length === expected.length && timingSafeEqual(sent, expected)) return;
  throw new OssError('SignatureDoesNotMatch', 'The signature of the policy does not match.');
}

function parsePolicy(policy: string): { expiration: string; conditions: unknown[] } {
  let parsed: { expiration?: unknown; conditions?: unknown } | null;
  try {
    parsed = JSON.parse(Buffer.from(policy, 'base64').toString('utf8')) as typeof parsed;
  } catch {
    throw invalid('it is not base64 of JSON');
  }
  const { expiration, conditions } = parsed ?? {};
  if (typeof expiration !== 'string' || Number.isNaN(Date.parse(expiration)))
    throw invalid('expiration is missing');
  if (!Array.isArray(conditions)) throw invalid('conditions are missing');
  return { expiration, conditions };
}

function applyCondition(grant: PolicyGrant, condition: unknown, fields: Fields, bucket: string): PolicyGrant {
  const fieldOf = (name: string): string => (name === 'bucket' ? bucket : (fields.get(name) ?? ''));
  if (!Array.isArray(condition)) {
    if (typeof condition !== 'object' || condition === null)
      throw invalid('a condition is neither list nor object');
    for (const [name, value] of Object.entries(condition)) {
      if (fieldOf(name.toLowerCase()) !== value) throw denied(`Policy Condition failed: ["eq", "$${name}"]`);
    }
    return grant;
  }
  const [operator, first, second] = condition as unknown[];
  if (operator === 'content-length-range') {
    if (typeof first !== 'number' || typeof second !== 'number')
      throw invalid('content-length-range needs numbers');
    return { minBytes: Math.max(grant.minBytes, first), maxBytes: Math.min(grant.maxBytes, second) };
  }
  if (typeof first !== 'string' || !first.startsWith('$')) throw invalid('a condition names no field');
  if (!holds(operator, fieldOf(first.slice(1).toLowerCase()), second)) {
    throw denied(`Policy Condition failed: ["${String(operator)}", "${first}"]`);
  }
  return grant;
}

function holds(operator: unknown, actual: string, wanted: unknown): boolean {
  switch (operator) {
    case 'eq':
      return actual === wanted;
    case 'starts-with':
      return typeof wanted === 'string' && actual.startsWith(wanted);
    case 'in':
      return Array.isArray(wanted) && wanted.includes(actual);
    case 'not-in':
      return Array.isArray(wanted) && !wanted.includes(actual);
    default:
      throw invalid(`the operator ${String(operator)} is unknown`);
  }
}
