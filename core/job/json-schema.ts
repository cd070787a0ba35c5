import type { z } from 'zod';
import type { AnyConnectorDef } from '../connectors/contract.ts';
import { pluginNames } from '../connectors/registry.ts';
import { DATA_SOURCE_KEY } from './data-source.ts';
import { MAX_CONCURRENT } from './dialects/settings.ts';
import { dirtyRowsSchema } from './dirty-rows.ts';
import { inputSchema, type SchemaNode } from './schema/known-keys.ts';
import type { Side } from './steps/load-step.ts';

/**
 * JSON Schema (draft 2020-12) of job files for editors: three dialects, parameters by plug-in. It is a little
 * wider than the loader: numbers may be texts, and any text may hold variables.
 */
export function jobJsonSchema(defs: readonly AnyConnectorDef[]): SchemaNode {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Millrace job',
    type: 'object',
    anyOf: FORMS.map(([key]) => ({ required: [key] })),
    allOf: FORMS.map(([key, name]) => ({
      if: { required: [key] },
      // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema
      then: ref(name),
    })),
    $defs: { v1: v1(defs), v2: v2(defs), datax: datax(defs), ...settings, ...parameters(defs) },
  };
}

/** The key that tells each dialect. */
const FORMS = [
  ['steps', 'v2'],
  ['configuration', 'v1'],
  ['job', 'datax'],
] as const;

const closed = (properties: SchemaNode, required: readonly string[] = []): SchemaNode => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});

const ref = (name: string): SchemaNode => ({ $ref: `#/$defs/${name}` });
const defName = (def: AnyConnectorDef, side: Side): string => `${def.type}.${side}`;
const canBe = (defs: readonly AnyConnectorDef[], side: Side): readonly AnyConnectorDef[] =>
  defs.filter((def) => def[side] !== undefined);
const namesOf = (def: AnyConnectorDef, side: Side): readonly string[] =>
  pluginNames(def.type).flatMap((name) => [name, `${name}${side}`]);

const head = (version: string): SchemaNode => ({
  $schema: { type: 'string' },
  type: { const: 'job' },
  version: { enum: [version, `${version}.0`, Number(version)] },
});

/** Chooses the parameters by the plug-in's name. */
function byPlugin(defs: readonly AnyConnectorDef[], side: Side, nameKey: string): readonly SchemaNode[] {
  return canBe(defs, side).map((def) => ({
    if: { properties: { [nameKey]: { enum: namesOf(def, side) } }, required: [nameKey] },
    // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema
    then: { properties: { parameter: ref(defName(def, side)) } },
  }));
}

function side(defs: readonly AnyConnectorDef[], which: Side, nameKey: string): SchemaNode {
  const names = canBe(defs, which).flatMap((def) => namesOf(def, which));
  return {
    ...closed({ [nameKey]: { enum: names }, parameter: { type: 'object' } }, [nameKey]),
    allOf: byPlugin(defs, which, nameKey),
  };
}

function v1(defs: readonly AnyConnectorDef[]): SchemaNode {
  const configuration = closed(
    {
      reader: side(defs, 'reader', 'plugin'),
      writer: side(defs, 'writer', 'plugin'),
      setting: ref('setting'),
    },
    ['reader', 'writer'],
  );
  return closed({ ...head('1'), configuration }, ['configuration']);
}

function v2(defs: readonly AnyConnectorDef[]): SchemaNode {
  const display = { gui: {}, displayName: {}, description: {}, copies: {} };
  const step = {
    ...closed(
      {
        stepType: {},
        parameter: { type: 'object' },
        name: { type: 'string' },
        category: { enum: ['reader', 'writer', 'processor'] },
        ...display,
      },
      ['category'],
    ),
    allOf: (['reader', 'writer'] as const).map((which) => ({
      if: { properties: { category: { const: which } }, required: ['category'] },
      // biome-ignore lint/suspicious/noThenProperty: `then` is a keyword of JSON Schema
      then: {
        properties: { stepType: { enum: canBe(defs, which).flatMap((def) => namesOf(def, which)) } },
        required: ['stepType'],
        allOf: byPlugin(defs, which, 'stepType'),
      },
    })),
  };
  const hop = closed({ from: { type: 'string' }, to: { type: 'string' }, gui: {} }, ['from', 'to']);
  return closed(
    {
      ...head('2'),
      steps: { type: 'array', items: step, minItems: 2 },
      setting: ref('setting'),
      order: closed({ hops: { type: 'array', items: hop, maxItems: 1 } }),
      extend: {},
      transform: { const: false },
    },
    ['steps'],
  );
}

function datax(defs: readonly AnyConnectorDef[]): SchemaNode {
  const content = closed(
    {
      reader: side(defs, 'reader', 'name'),
      writer: side(defs, 'writer', 'name'),
      transformer: { type: 'array', maxItems: 0 },
    },
    ['reader', 'writer'],
  );
  const setting = closed({
    speed: closed({ channel: count(1, MAX_CONCURRENT), byte: count(-1), record: count(-1) }),
    errorLimit: ref('errorLimit'),
    dirtyRows: ref('dirtyRows'),
    dryRun: { const: false },
    timeZone: { type: 'string' },
  });
  const job = closed({ content: { type: 'array', items: content, minItems: 1, maxItems: 1 }, setting }, [
    'content',
    'setting',
  ]);
  return closed({ $schema: { type: 'string' }, job, core: { type: 'object' }, common: { type: 'object' } }, [
    'job',
  ]);
}

const count = (minimum: number, maximum?: number): SchemaNode => ({
  type: ['integer', 'string'],
  minimum,
  ...(maximum !== undefined && { maximum }),
});

const { $schema: _, ...dirtyRows } = inputSchema(dirtyRowsSchema);

const settings: SchemaNode = {
  dirtyRows,
  errorLimit: closed({
    record: count(0),
    percentage: { type: ['number', 'string'], minimum: 0, maximum: 1 },
  }),
  setting: closed({
    executeMode: { enum: [null, '', 'distribute'] },
    errorLimit: ref('errorLimit'),
    dirtyRows: ref('dirtyRows'),
    speed: closed({
      concurrent: count(1, MAX_CONCURRENT),
      throttle: { type: ['boolean', 'string'] },
      mbps: { type: ['number', 'string'], minimum: 1 },
    }),
    timeZone: { type: 'string' },
  }),
};

function parameters(defs: readonly AnyConnectorDef[]): SchemaNode {
  const entries = (['reader', 'writer'] as const).flatMap((which) =>
    canBe(defs, which).map((def): [string, SchemaNode] => [
      defName(def, which),
      parameterSchema(def, def[which]!.schema, defName(def, which)),
    ]),
  );
  return Object.fromEntries(entries);
}

/** A data source may give connection keys, so none of them is required in the step. */
function parameterSchema(def: AnyConnectorDef, schema: z.ZodType, name: string): SchemaNode {
  const {
    $schema: _,
    required,
    properties,
    ...rest
  } = widen(inputSchema(schema), name) as Record<string, unknown>;
  const own = Array.isArray(required)
    ? required.filter((key) => !def.connectionKeys.includes(String(key)))
    : [];
  const dataSource = { type: 'string', description: 'Name of a data source of the project file' };
  return {
    ...rest,
    properties: { [DATA_SOURCE_KEY]: dataSource, ...(properties as SchemaNode | undefined) },
    ...(own.length > 0 && { required: own }),
  };
}

const VARIABLE = { type: 'string', pattern: '\\$[{\\[]' };

/** Allows scalars in text form and texts with variables; moves internal references below `name`. */
function widen(node: unknown, name: string): unknown {
  if (Array.isArray(node)) return node.map((item) => widen(item, name));
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') copy[key] = value.replace(/^#/, `#/$defs/${name}`);
    else if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') copy[key] = value;
    else copy[key] = widen(value, name);
  }
  const { type } = copy;
  if (type === 'number' || type === 'integer' || type === 'boolean')
    return { ...copy, type: [type, 'string'] };
  const narrow = type === 'string' && ('enum' in copy || 'pattern' in copy || 'format' in copy);
  return narrow ? { anyOf: [copy, VARIABLE] } : copy;
}
