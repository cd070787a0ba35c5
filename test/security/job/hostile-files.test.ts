// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` is the notation of variables and references
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../core/errors/index.ts';
import { MAX_FAULTS } from '../../../core/job/findings.ts';
import { parseProject } from '../../../core/job/index.ts';
import { MAX_FILE_BYTES } from '../../../core/job/json/document.ts';
import { faultsOf, load } from '../../unit/job/fake-connectors.ts';

/** Resolves when the text is accepted or refused in the ordinary way; any other error fails the test. */
async function settle(text: string): Promise<void> {
  try {
    await load(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
}

describe('hostile files', () => {
  test.each([
    ['a bomb of brackets', '['.repeat(MAX_FILE_BYTES)],
    ['a bomb of objects', '{"a":'.repeat(100_000)],
    ['too many bytes', `{"a":"${'x'.repeat(MAX_FILE_BYTES)}"}`],
    ['an endless comment', `/*${'*'.repeat(500_000)}`],
    ['an endless text', `{"a":"${'\\"'.repeat(400_000)}`],
    ['many variables', `{"steps": "${'${x'.repeat(200_000)}"}`],
    ['many brackets in a text', `{"steps": "${'$['.repeat(300_000)}"}`],
    ['a long offset', `{"steps": "$[yyyymmdd${'-1'.repeat(300_000)}]"}`],
    ['a long format', `{"steps": "\${${'yyyy'.repeat(200_000)}-1}"}`],
    ['many blanks in add_months', `{"steps": "$[add_months(${' '.repeat(20_000)}]"}`],
    ['many unknown keys', `{"steps": [], ${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join()}}`],
  ])('%s', async (_, text) => {
    const faults = await faultsOf(() => load(text));
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThanOrEqual(MAX_FAULTS + 1);
  });

  test('no key reaches a prototype', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
      const faults = await faultsOf(() => load(`{"steps": [], "setting": {"${key}": {"polluted": true}}}`));
      expect(faults.some((fault) => fault.code === 'JOB-1009')).toBe(true);
      await faultsOf(() => parseProject(`{"dataSources": {"${key}": {"type": "x"}}}`));
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each(['toString', 'hasOwnProperty', 'valueOf'])('the inherited name %s is nobody', async (name) => {
    const text = `{"steps": [{"category": "reader", "stepType": "${name}"},
      {"category": "writer", "stepType": "files", "parameter": {"datasource": "${name}", "object": "\${${name}}"}}]}`;
    const codes = (await faultsOf(() => load(text))).map((fault) => fault.code);
    expect(codes).toEqual(expect.arrayContaining(['JOB-1012', 'JOB-1018', 'JOB-1015']));
  });

  test('a caller cannot reach secrets through variables', async () => {
    const text = `{"steps": [{"category": "reader", "stepType": "devnull"},
      {"category": "writer", "stepType": "files", "parameter": {"datasource": "lake", "writeMode": "append",
        "object": "\${a}", "accessKey": "$\${env:HOME}", "accessId": "\${b}env:HOME}"}}]}`;
    const faults = await faultsOf(() => load(text, { params: { a: '${env:HOME}', b: '${' } }));
    expect(faults.map((fault) => [fault.code, fault.path.split('.').at(-1)])).toEqual([
      ['JOB-1020', 'object'],
      ['JOB-1020', 'accessKey'],
      ['JOB-1020', 'accessId'],
    ]);
  });

  test('any text is accepted or refused in the ordinary way', async () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"steps"',
      '"job"',
      '${',
      '$[',
      '//',
      '/*',
      '\\',
      '\n',
      '1',
      'x',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(token).map((list) => list.join('')),
        ),
        settle,
      ),
      { numRuns: 500 },
    );
  });

  test('any JSON under the known keys is accepted or refused in the ordinary way', async () => {
    const key = fc.constantFrom(
      'steps',
      'configuration',
      'job',
      'setting',
      'order',
      'content',
      'reader',
      'writer',
      'speed',
      'hops',
      'parameter',
      'category',
      'stepType',
      'plugin',
      'core',
      'datasource',
    );
    const leaf = fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom('reader', 'writer', 'rows', 'files', 'shop', 'lake', '${x}'),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, tree), (value) => settle(JSON.stringify(value))),
      { numRuns: 500 },
    );
  });
});
