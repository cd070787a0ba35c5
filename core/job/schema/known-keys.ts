import { z } from 'zod';

/** A JSON Schema as far as it is looked at here. */
export interface SchemaNode {
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is SchemaNode =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a schema accepts, as JSON Schema; parts that have no such form accept anything. */
export const inputSchema = (schema: z.ZodType): SchemaNode =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/** Names of the members that a schema knows in the object at `path`. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  const root = inputSchema(schema);
  let nodes = alternatives(root, root);
  for (const part of path)
    nodes = nodes.flatMap((node) => step(node, part)).flatMap((node) => alternatives(node, root));
  const names = nodes.flatMap((node) => (isNode(node.properties) ? Object.keys(node.properties) : []));
  return [...new Set(names)];
}

/** A node and all it may stand for, references followed. */
function alternatives(node: SchemaNode, root: SchemaNode, depth = 0): readonly SchemaNode[] {
  if (depth > 8) return [];
  const options = [node.anyOf, node.oneOf, node.allOf].flatMap((list) =>
    Array.isArray(list) ? list.filter(isNode) : [],
  );
  const name = typeof node.$ref === 'string' ? node.$ref.replace('#/$defs/', '') : undefined;
  const target =
    name === '#' ? root : isNode(root.$defs) && name !== undefined ? root.$defs[name] : undefined;
  if (isNode(target)) options.push(target);
  return [node, ...options.flatMap((option) => alternatives(option, root, depth + 1))];
}

function step(node: SchemaNode, part: PropertyKey): readonly SchemaNode[] {
  const named = isNode(node.properties) ? node.properties[String(part)] : undefined;
  const next = typeof part === 'number' ? node.items : (named ?? node.additionalProperties);
  return isNode(next) ? [next] : [];
}
