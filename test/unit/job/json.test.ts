import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blankComments } from '../../../core/job/json/comments.ts';
import { exactNumber, MAX_DEPTH, MAX_FILE_BYTES, parseDocument } from '../../../core/job/json/document.ts';
import { nodeAt, plainValue } from '../../../core/job/json/node.ts';
import { faultsOf } from './fake-connectors.ts';

function parse(text: string): unknown {
  const { root, findings } = parseDocument(text, 'f.json');
  findings.throwIfAny();
  return root && JSON.parse(JSON.stringify(plainValue(root)));
}

describe('accepted', () => {
  test.each([
    ['{"a":[1,2,],}', { a: [1, 2] }],
    ['{"a":1,#c\n"b":2}', { a: 1, b: 2 }],
    ['# before\n{"a":1} // after', { a: 1 }],
    ['{"a": /* in\nside */ 1}', { a: 1 }],
    [
      '{"a":"http://h/p//q","b":"#x","c":"/*query*/ pt>=1"}',
      { a: 'http://h/p//q', b: '#x', c: '/*query*/ pt>=1' },
    ],
    ['{"a":"\\"//no\\\\"}//yes', { a: '"//no\\' }],
    ['\uFEFF{"a":null,"b":true}', { a: null, b: true }],
    ['{"a":9007199254740993}', { a: '9007199254740993' }],
    [
      '{"a":9007199254740991,"b":1.10,"c":1e3,"d":0.1,"e":-0}',
      { a: 9007199254740991, b: '1.10', c: '1e3', d: 0.1, e: '-0' },
    ],
    ['{"a":0.1000000000000000055511151231257827}', { a: '0.1000000000000000055511151231257827' }],
  ])('%s', (text, value) => {
    expect(parse(text)).toEqual(value);
  });
});

describe('refused, with the place', () => {
  test.each([
    ['{"a":1}x', 'JOB-1002', 1, 8, ''],
    ['{"a":1}\n{"b":2}', 'JOB-1002', 2, 1, ''],
    ['', 'JOB-1001', 1, 1, ''],
    ['// nothing', 'JOB-1001', 1, 11, ''],
    ['{"a":1\n "b":2}', 'JOB-1001', 2, 2, 'b'],
    ["{'a':1}", 'JOB-1001', 1, 2, ''],
    ['{a:1}', 'JOB-1001', 1, 2, ''],
    ['{"a":"x\n"}', 'JOB-1001', 1, 6, 'a'],
    ['{"a":1', 'JOB-1001', 1, 7, 'a'],
    ['{"a":\r\n01}', 'JOB-1001', 2, 2, 'a'],
    ['{"a":1} /* open', 'JOB-1001', 1, 9, ''],
    ['{"a":{"b":1,\n  "b":2}}', 'JOB-1003', 2, 3, 'a.b'],
    ['{"__proto__":1}', 'JOB-1009', 1, 2, '__proto__'],
    ['{"a":[{"constructor":1}]}', 'JOB-1009', 1, 8, 'a[0].constructor'],
    ['{"a b":{"prototype":1}}', 'JOB-1009', 1, 9, '["a b"].prototype'],
    ['{"a":"\\ud800"}', 'JOB-1001', 1, 6, 'a'],
    ['{"a":"\\x"}', 'JOB-1001', 1, 6, 'a'],
    ['{"a":"\u0001"}', 'JOB-1001', 1, 6, 'a'],
  ])('%j', async (text, code, line, column, path) => {
    const [fault] = await faultsOf(() => parse(text));
    expect(fault).toMatchObject({ code, file: 'f.json', line, column, path });
  });

  test('nesting one level too deep, whatever the brackets', async () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parse(nested(MAX_DEPTH))).not.toThrow();
    const [fault] = await faultsOf(() => parse(nested(MAX_DEPTH + 1)));
    expect(fault).toMatchObject({ code: 'JOB-1008', line: 1, column: MAX_DEPTH + 1 });
  });

  test('one byte too many', async () => {
    const sized = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`;
    expect(() => parse(sized(MAX_FILE_BYTES))).not.toThrow();
    const [fault] = await faultsOf(() => parse(`${sized(MAX_FILE_BYTES)} `));
    expect(fault?.code).toBe('JOB-1008');
  });

  test('every doubled key is told', async () => {
    expect(await faultsOf(() => parse('{"a":1,"a":2,"b":{"c":1,"c":1}}'))).toHaveLength(2);
  });
});

/** JSON text with comments scattered between its tokens, and the same text without them. */
const commented = fc
  .tuple(
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(
      fc.oneof(
        fc.string().map((text) => `//${text.replace(/[\n\r]/g, '')}\n`),
        fc.string().map((text) => `#${text.replace(/[\n\r]/g, '')}\r\n`),
        fc.string().map((text) => `/*${text.replaceAll('*/', '')}*/`.replace('/*/*/', '/**/')),
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([value, comments]) => {
    const plain = JSON.stringify(value, null, 1);
    let used = 0;
    const text = plain.replace(/\n/g, () => `${comments[used++ % comments.length]}\n`);
    return { value, text: `${comments[0]}${text}` };
  });

describe('properties', () => {
  test('blanking comments keeps length, line breaks and every other character', () => {
    fc.assert(
      fc.property(commented, ({ text }) => {
        const { text: blanked, openCommentAt } = blankComments(text);
        expect(openCommentAt).toBeUndefined();
        expect(blanked).toHaveLength(text.length);
        for (let i = 0; i < text.length; i++) {
          if (blanked[i] !== text[i]) expect(blanked[i]).toBe(' ');
          if (text[i] === '\n' || text[i] === '\r') expect(blanked[i]).toBe(text[i]);
        }
      }),
    );
  });

  test('comments never change the value', () => {
    fc.assert(
      fc.property(commented, ({ value, text }) => {
        const { text: blanked } = blankComments(text);
        expect(JSON.parse(blanked)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('a number keeps its text: as a number only if it prints the same', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt()), (number) => {
        const text = JSON.stringify(typeof number === 'bigint' ? Number(number) : number);
        expect(String(exactNumber(text))).toBe(text);
        expect(String(exactNumber(String(number)))).toBe(String(number));
      }),
    );
  });

  test('every node is found by its path, at the place where its text stands', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ k: fc.integer(), s: fc.string() }), { minLength: 1 }), (list) => {
        const text = `// x\n${JSON.stringify({ list }, null, 2)}`;
        const { root } = parseDocument(text);
        const last = list.length - 1;
        const { node, exact } = nodeAt(root!, ['list', last, 'k']);
        expect(exact).toBe(true);
        expect(node.path).toBe(`list[${last}].k`);
        expect(text.slice(node.offset).startsWith(String(list[last]?.k))).toBe(true);
      }),
    );
  });
});
