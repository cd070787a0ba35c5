import type { JsonObject, JsonValue } from '../model.ts';

/** Where something stands: offset in the file (absent when it is in no file) and JSON path. */
export interface Spot {
  readonly offset?: number;
  readonly path: string;
  /** The value still holds a variable without a value: that is the fault, and no other is worth telling. */
  readonly unresolved?: boolean;
}

/** A text, number, truth value or null. */
export interface ScalarNode extends Spot {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
}

/** An array. */
export interface ArrayNode extends Spot {
  readonly kind: 'array';
  readonly items: readonly JsonNode[];
}

/** An object; its keys are unique. */
export interface ObjectNode extends Spot {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Member>;
}

/** A key with its value. */
export interface Member {
  readonly key: Spot;
  readonly value: JsonNode;
}

/** A parsed value that knows where it stands. */
export type JsonNode = ScalarNode | ArrayNode | ObjectNode;

/** The path of a member or an item, for example `steps[0].parameter`. */
export function childPath(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The plain value. Objects have no prototype, so that no key can name an inherited member. */
export function plainValue(node: JsonNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  return node.kind === 'array' ? node.items.map(plainValue) : plainObject(node);
}

/** The plain value of an object. */
export function plainObject(node: ObjectNode): JsonObject {
  const result: Record<string, JsonValue> = Object.create(null);
  for (const [key, member] of node.members) result[key] = plainValue(member.value);
  return result;
}

/** The node at a path below `root`, or the nearest one above it that exists. */
export function nodeAt(root: JsonNode, path: readonly PropertyKey[]): { node: JsonNode; exact: boolean } {
  let node = root;
  for (const part of path) {
    const next = childOf(node, part);
    if (!next) return { node, exact: false };
    node = next;
  }
  return { node, exact: true };
}

function childOf(node: JsonNode, part: PropertyKey): JsonNode | undefined {
  if (node.kind === 'object') return node.members.get(String(part))?.value;
  return node.kind === 'array' ? node.items[Number(part)] : undefined;
}

/** What a value is, in a word for messages, with the value itself if it is short. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `text ${quote(value)}`;
  return String(value);
}

/** Longest value that a message repeats, in characters. */
const QUOTED_CHARS = 64;

/** A value in quotes, shortened. */
export function quote(text: string): string {
  const chars = [...text];
  return JSON.stringify(chars.length > QUOTED_CHARS ? `${chars.slice(0, QUOTED_CHARS).join('')}…` : text);
}
