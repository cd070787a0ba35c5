import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { OPERATIONS as OTS_OPERATIONS } from '../local/ots/operations/registry.ts';
import { OPERATIONS } from './operations.ts';
import { type FaultProfile, FaultSpecError, parseFaultSpec } from './spec.ts';

const fault = (text: string): FaultSpecError => {
  try {
    parseFaultSpec(text);
  } catch (error) {
    if (error instanceof FaultSpecError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
};

describe('a fault spec', () => {
  test('with every key', () => {
    const text =
      'seed=42, rate=0.1,kinds=busy+reset+lost,services=ots+oss,ops=PutRow+UploadPart,keys=part,burst=50%,delay=7';
    expect(parseFaultSpec(text)).toEqual({
      seed: 42,
      rate: 0.1,
      kinds: ['busy', 'reset', 'lost'],
      services: ['ots', 'oss'],
      operations: ['PutRow', 'UploadPart'],
      keyPart: 'part',
      burst: 0.5,
      delayMs: 7,
    } satisfies FaultProfile);
  });

  test('needs a seed only', () => {
    expect(parseFaultSpec('seed=9007199254740991')).toEqual({
      seed: Number.MAX_SAFE_INTEGER,
      rate: 0.05,
      kinds: ['busy', 'error', 'reset', 'lost', 'delay'],
      services: ['ots', 'oss', 'fc'],
      delayMs: 200,
    });
  });

  test.each([
    ['seed=1,rat=0.1', 'rat', 'rate'],
    ['seed=1,kinds=busy+lots', 'lots', 'lost'],
    ['seed=1,services=ots+osss', 'osss', 'oss'],
    ['seed=1,ops=PutRwo', 'PutRwo', 'PutRow'],
    ['', '', 'seed'],
    ['seed=1,', '', 'rate'],
    ['seed=1,__proto__=1', '__proto__', 'rate'],
    ['seed=1,services=fc,ops=PutRow', 'PutRow', 'InvokeFunction'],
  ])('%s: names the word and what is allowed', (text, word, allowed) => {
    expect(fault(text)).toMatchObject({ word, allowed: expect.arrayContaining([allowed]) });
  });

  test.each([
    ['rate=0.1', /seed is missing/],
    ['seed', /seed has no value/],
    ['seed=', /whole number/],
    ['seed=-1', /whole number/],
    ['seed=1.5', /whole number/],
    ['seed=9007199254740992', /whole number/],
    ['seed=1,rate=1.01', /share from 0 to 1/],
    ['seed=1,rate=101%', /share from 0 to 1/],
    ['seed=1,rate=-0.1', /share/],
    ['seed=1,rate=1e-1', /share/],
    ['seed=1,burst=', /share/],
    ['seed=1,delay=600001', /milliseconds/],
    ['seed=1,delay=1s', /milliseconds/],
    ['seed=1,keys=', /keys has no value/],
    ['seed=1,seed=2', /given twice/],
  ])('%s is refused', (text, reason) => {
    expect(fault(text).message).toMatch(reason);
  });
});

/** Names of operations in the sources of a service. */
function namesIn(folder: string, pattern: RegExp): string[] {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(path.join(folder, name), 'utf8').matchAll(pattern)])
    .map((match) => match[1] ?? '');
  return [...new Set(found)].sort();
}

test('the operations are those that the services answer', () => {
  expect(OPERATIONS.ots).toEqual([...OTS_OPERATIONS.keys()].sort());
  expect(OPERATIONS.oss).toEqual(namesIn('infra/local/oss', /\broute\('(\w+)'/g));
  expect(OPERATIONS.fc).toEqual(namesIn('infra/local/fc/http', /operation: '(\w+)'/g));
});
