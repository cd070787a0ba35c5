import { getLocation, type Node, type ParseError, parseTree } from 'jsonc-parser';
import { Findings } from '../findings.ts';
import { blankComments, skipString } from './comments.ts';
import { childPath, type JsonNode, type Member } from './node.ts';

/** Largest file, in UTF-8 bytes: far above any real job, far below what could exhaust a function. */
export const MAX_FILE_BYTES = 1024 * 1024;
/** Deepest nesting of brackets. */
export const MAX_DEPTH = 32;

const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A file as nodes, with the list that its findings go to. `root` is absent when the text is no JSON. */
export interface JsonDocument {
  readonly text: string;
  readonly root?: JsonNode;
  readonly findings: Findings;
}

/** Parses JSON with comments and trailing commas. Faults are in `findings`; without `root` there is at least one. */
export function parseDocument(text: string, file?: string): JsonDocument {
  const findings = new Findings(text, file);
  const root = readRoot(text, findings);
  return { text, findings, ...(root && { root }) };
}

function readRoot(source: string, findings: Findings): JsonNode | undefined {
  if (new TextEncoder().encode(source).length > MAX_FILE_BYTES) {
    findings.fault('JOB-1008', { path: '' }, `the file is larger than ${MAX_FILE_BYTES} bytes (1 MiB)`);
    return undefined;
  }
  const { text, openCommentAt } = blankComments(source);
  const deep = tooDeepAt(text);
  if (openCommentAt !== undefined) {
    findings.fault(
      'JOB-1001',
      { offset: openCommentAt, path: '' },
      'this comment never ends',
      'close it with `*/`',
    );
  } else if (deep !== undefined) {
    findings.fault(
      'JOB-1008',
      { offset: deep, path: '' },
      `brackets are nested deeper than ${MAX_DEPTH} levels`,
    );
  } else {
    return parseText(text, findings);
  }
  return undefined;
}

/** Offset of the first bracket that opens too deep a level. Checked before parsing: the parser recurses. */
function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '"') at = skipString(text, at) - 1;
    else if (c === '{' || c === '[') {
      depth++;
      if (depth > MAX_DEPTH) return at;
    } else if (c === '}' || c === ']') depth--;
  }
  return undefined;
}

function parseText(text: string, findings: Findings): JsonNode | undefined {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: true });
  const [first] = errors;
  if (first) reportSyntax(first, text, tree, findings);
  return tree && !first ? new TreeReader(text, findings).read(tree, '') : undefined;
}

/** Only the first syntax error is told: the ones after it mostly follow from it. */
function reportSyntax(error: ParseError, text: string, tree: Node | undefined, findings: Findings): void {
  const offset = error.offset;
  if (tree && tree.parent === undefined && offset >= tree.offset + tree.length && closed(text, tree)) {
    findings.fault('JOB-1002', { offset, path: '' }, `text follows after the end: ${snippet(text, offset)}`);
    return;
  }
  // A key that is only begun shows up as an empty last segment.
  const segments = getLocation(text, offset).path.filter((part) => part !== '');
  const path = segments.reduce<string>(childPath, '');
  const [what, hint] = syntaxMessages[error.error] ?? ['this is not valid JSON'];
  const single = text[offset] === "'" ? 'write double quotes' : undefined;
  findings.fault('JOB-1001', { offset, path }, `${what}, at ${snippet(text, offset)}`, single ?? hint);
}

const closed = (text: string, tree: Node): boolean =>
  (tree.type !== 'object' && tree.type !== 'array') ||
  /[}\]]/.test(text[tree.offset + tree.length - 1] ?? '');

function snippet(text: string, offset: number): string {
  const rest = text
    .slice(offset, offset + 20)
    .split(/[\n\r]/)[0]
    ?.trimEnd();
  return offset >= text.trimEnd().length ? 'the end of the file' : `\`${rest}\``;
}

/** By the numeric error codes of the parser, whose `const enum` cannot be imported. */
const syntaxMessages: Readonly<Record<number, readonly [string, string?]>> = {
  1: ['this is not a JSON value', 'text needs double quotes; other values are numbers, true, false and null'],
  2: ['this number is not well formed', 'digits, with one point and an exponent at most'],
  3: ['a key in double quotes is expected', 'write `"key": value`'],
  4: ['a value is missing'],
  5: ['a colon is missing', 'write `"key": value`'],
  6: ['a comma is missing', 'put a comma after the value before'],
  7: ['a closing brace `}` is missing'],
  8: ['a closing bracket `]` is missing'],
  12: ['this text never ends', 'close it with a double quote on the same line; write a line break as `\\n`'],
  13: ['this number ends too early'],
  14: ['this \\u escape is not valid', 'four hex digits follow `\\u`'],
  15: ['this escape is not valid', 'write a backslash as `\\\\`'],
  16: ['a control character stands inside a text', 'write it as an escape such as `\\t`'],
};

/** Number as written if it would change: `1.10`, `1e3` and integers beyond 2^53 stay text. */
export function exactNumber(text: string): number | string {
  const value = Number(text);
  const safe = !Number.isInteger(value) || Number.isSafeInteger(value);
  return safe && String(value) === text ? value : text;
}

class TreeReader {
  readonly #text: string;
  readonly #findings: Findings;

  constructor(text: string, findings: Findings) {
    this.#text = text;
    this.#findings = findings;
  }

  read(node: Node, path: string): JsonNode {
    const at = { offset: node.offset, path };
    switch (node.type) {
      case 'object':
        return { kind: 'object', ...at, members: this.#members(node, path) };
      case 'array':
        return {
          kind: 'array',
          ...at,
          items: (node.children ?? []).map((child, i) => this.read(child, childPath(path, i))),
        };
      case 'number': {
        const raw = this.#text.slice(node.offset, node.offset + node.length);
        return { kind: 'scalar', ...at, value: exactNumber(raw) };
      }
      default:
        return { kind: 'scalar', ...at, value: this.#scalar(node, path) };
    }
  }

  #scalar(node: Node, path: string): string | boolean | null {
    const value: unknown = node.value;
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      this.#findings.fault('JOB-1001', { offset: node.offset, path }, 'the text holds half a surrogate pair');
    }
    return typeof value === 'string' || typeof value === 'boolean' ? value : null;
  }

  #members(node: Node, path: string): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>();
    for (const property of node.children ?? []) {
      const [keyNode, valueNode] = property.children ?? [];
      if (!keyNode || !valueNode) continue;
      const name = String(keyNode.value);
      const key = { offset: keyNode.offset, path: childPath(path, name) };
      if (RESERVED_KEYS.has(name)) {
        this.#findings.fault('JOB-1009', key, `the key \`${name}\` is reserved`, 'rename it');
      } else if (members.has(name)) {
        this.#findings.fault('JOB-1003', key, `the key \`${name}\` is written twice`, 'keep one of them');
      } else {
        members.set(name, { key, value: this.read(valueNode, key.path) });
      }
    }
    return members;
  }
}
