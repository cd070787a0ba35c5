import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { AnyConnectorDef } from '../../../core/connectors/contract.ts';
import { jobJsonSchema } from '../../../core/job/index.ts';
import { fakes } from './fake-connectors.ts';

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** The value at a JSON pointer. */
function at(root: unknown, pointer: string): unknown {
  const parts = pointer.replace(/^#\/?/, '').split('/').filter(Boolean);
  return parts.reduce<unknown>(
    (node, part) => (isNode(node) ? node[part.replaceAll('~1', '/')] : undefined),
    root,
  );
}

function refsOf(node: unknown): string[] {
  if (!isNode(node)) return [];
  const own = typeof node.$ref === 'string' ? [node.$ref] : [];
  return [...own, ...Object.values(node).flatMap(refsOf)];
}

const schema = jobJsonSchema(Object.values(fakes));

describe('the JSON Schema of jobs', () => {
  test('is plain JSON and every reference leads somewhere', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    const refs = refsOf(schema);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of refs) expect(at(schema, ref), ref).toBeDefined();
  });

  test('has the three dialects', () => {
    expect(schema.anyOf).toEqual([
      { required: ['steps'] },
      { required: ['configuration'] },
      { required: ['job'] },
    ]);
    expect(at(schema, '#/allOf/2')).toEqual({
      if: { required: ['job'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { $ref: '#/$defs/datax' },
    });
  });

  test('offers as readers only what can read', () => {
    const reader = at(schema, '#/$defs/v1/properties/configuration/properties/reader');
    expect(at(reader, '#/properties/plugin')).toEqual({
      enum: ['rows', 'rowsreader', 'devnull', 'devnullreader'],
    });
    expect(at(reader, '#/allOf/0')).toEqual({
      if: { properties: { plugin: { enum: ['rows', 'rowsreader'] } }, required: ['plugin'] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { parameter: { $ref: '#/$defs/rows.reader' } } },
    });
  });

  test('knows the parameters of a plug-in, with the data source and without required connection keys', () => {
    const parameters = at(schema, '#/$defs/files.writer');
    expect(at(parameters, '#/required')).toEqual(['object', 'writeMode']);
    expect(at(parameters, '#/additionalProperties')).toBe(false);
    expect(at(parameters, '#/properties/datasource')).toMatchObject({ type: 'string' });
    expect(at(parameters, '#/properties/bucket')).toEqual({ type: 'string', minLength: 1 });
  });

  test('lets numbers be texts and choices be variables', () => {
    expect(at(schema, '#/$defs/rows.reader/properties/maxRetryTime')).toMatchObject({
      type: ['integer', 'string'],
      maximum: 100,
    });
    expect(at(schema, '#/$defs/files.writer/properties/writeMode')).toEqual({
      anyOf: [
        { type: 'string', enum: ['truncate', 'append', 'nonConflict'] },
        { type: 'string', pattern: '\\$[{\\[]' },
      ],
    });
  });

  test('moves references inside a recursive parameter schema', () => {
    const tree: z.ZodType = z.lazy(() => z.strictObject({ children: z.array(tree).optional() }));
    const def: AnyConnectorDef = {
      type: 'tree',
      connectionKeys: [],
      secretKeys: [],
      reader: {
        schema: z.strictObject({ tree }),
        open: () => {
          throw new Error('not opened');
        },
      },
    };
    const recursive = jobJsonSchema([def]);
    for (const ref of refsOf(recursive)) expect(at(recursive, ref), ref).toBeDefined();
  });
});
