/**
 * Reading the XML of requests: elements and text only. Document types, and with them entity expansion, are
 * refused; attributes and namespaces are read over, comments and processing instructions skipped.
 */

import { OssError } from './errors.ts';

/** One element: its children, or its text when it has none. */
export interface XmlNode {
  readonly name: string;
  readonly children: XmlNode[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MAX_DEPTH = 32;
const TAG = /^<(\/?)([A-Za-z_][\w.:-]*)(?:\s+[^<>]*?)?\s*(\/?)>$/s;

function malformed(why: string): OssError {
  return new OssError('MalformedXML', `The XML you provided was not well-formed: ${why}.`);
}

function decodeEntities(text: string): string {
  return text.replace(/&([^;&]{0,16});?/g, (whole, name: string) => {
    const known = ENTITIES[name];
    if (known !== undefined && whole.endsWith(';')) return known;
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const point = code ? Number.parseInt(code[1] ?? code[2]!, code[1] ? 16 : 10) : Number.NaN;
    if (!(point > 0 && point <= 0x10_ffff) || !whole.endsWith(';')) throw malformed('unknown entity');
    return String.fromCodePoint(point);
  });
}

/** Skips a construct that starts at `at` and ends with `end`; returns the index after it. */
function skipTo(source: string, at: number, end: string): number {
  const found = source.indexOf(end, at);
  if (found < 0) throw malformed(`no ${end}`);
  return found + end.length;
}

function attach(stack: XmlNode[], tag: string): void {
  const match = TAG.exec(tag);
  if (!match) throw malformed('bad tag');
  const [, closing, name, empty] = match;
  if (closing) {
    const open = stack.pop();
    if (open?.name !== name || stack.length === 0) throw malformed(`unexpected </${name}>`);
    return;
  }
  const node: XmlNode = { name: name!, children: [], text: '' };
  stack.at(-1)!.children.push(node);
  if (!empty) stack.push(node);
  if (stack.length > MAX_DEPTH) throw malformed('too deep');
}

/** Parses a document and returns its root, which must have the given name. */
export function parseXml(source: string, rootName: string): XmlNode {
  const top: XmlNode = { name: '', children: [], text: '' };
  const stack = [top];
  let at = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < source.length) {
    const current = stack.at(-1)!;
    if (source.startsWith('<![CDATA[', at)) {
      const end = skipTo(source, at, ']]>');
      current.text += source.slice(at + 9, end - 3);
      at = end;
    } else if (source.startsWith('<!--', at)) at = skipTo(source, at + 4, '-->');
    else if (source.startsWith('<?', at)) at = skipTo(source, at, '?>');
    else if (source.startsWith('<!', at)) throw malformed('document types are not allowed');
    else if (source[at] === '<') {
      const end = skipTo(source, at, '>');
      attach(stack, source.slice(at, end));
      at = end;
    } else {
      const next = source.indexOf('<', at);
      const end = next < 0 ? source.length : next;
      current.text += decodeEntities(source.slice(at, end));
      at = end;
    }
  }
  const root = top.children[0];
  if (stack.length !== 1 || top.children.length !== 1 || top.text.trim() !== '')
    throw malformed('no single root');
  if (root?.name !== rootName) throw malformed(`the root must be ${rootName}`);
  return root;
}

/** Children of a name. */
export function childrenOf(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name);
}

/** Text of the only child of a name; absent when there is none. Throws when there are several. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const found = childrenOf(node, name);
  if (found.length > 1) throw malformed(`several ${name} in ${node.name}`);
  return found[0]?.text;
}

/** Like `textOf`, but the child must be there. */
export function requiredText(node: XmlNode, name: string): string {
  const text = textOf(node, name);
  if (text === undefined) throw malformed(`${node.name} needs ${name}`);
  return text;
}
