/** Tags of objects and buckets: their limits, and the two forms in which they are sent. */

import { OssError } from './errors.ts';
import type { Tag } from './records.ts';
import { childrenOf, requiredText, type XmlNode } from './xml-reader.ts';
import { element, wrap, xmlDocument } from './xml-writer.ts';

/** How many tags one owner may have, and how long they may be in characters. */
export interface TagLimits {
  readonly count: number;
  readonly keyLength: number;
  readonly valueLength: number;
}

/** Limits of an object. */
export const OBJECT_TAG_LIMITS: TagLimits = { count: 10, keyLength: 128, valueLength: 256 };
/** Limits of a bucket. */
export const BUCKET_TAG_LIMITS: TagLimits = { count: 20, keyLength: 64, valueLength: 128 };

const ALLOWED = /^[A-Za-z0-9 +\-=._:/]*$/;

function checkTags(tags: readonly Tag[], limits: TagLimits, allowed: RegExp | undefined): Tag[] {
  if (tags.length > limits.count) throw invalidTag(`there are more than ${limits.count}`);
  const seen = new Set<string>();
  for (const { key, value } of tags) {
    if (key.length === 0 || key.length > limits.keyLength) throw invalidTag('a key has a bad length');
    if (value.length > limits.valueLength) throw invalidTag('a value is too long');
    if (allowed && !(allowed.test(key) && allowed.test(value)))
      throw invalidTag('a character is not allowed');
    if (seen.has(key)) throw invalidTag('a key is repeated');
    seen.add(key);
  }
  return [...tags];
}

function invalidTag(why: string): OssError {
  return new OssError('InvalidTag', `The tag set is not valid: ${why}.`);
}

/** Reads the header form `a=1&b=2`, percent-encoded. */
export function parseTagQuery(text: string): Tag[] {
  const tags = text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [key = '', value = '', ...more] = pair.split('=');
      if (more.length > 0) throw invalidTag('a pair has two equal signs');
      return { key: decodeTag(key), value: decodeTag(value) };
    });
  return checkTags(tags, OBJECT_TAG_LIMITS, ALLOWED);
}

function decodeTag(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidTag('it is not percent-encoded UTF-8');
  }
}

/** Reads `<Tagging><TagSet><Tag>…`. */
export function parseTagXml(root: XmlNode, limits: TagLimits): Tag[] {
  const tags = childrenOf(root, 'TagSet').flatMap((set) =>
    childrenOf(set, 'Tag').map((tag) => ({
      key: requiredText(tag, 'Key'),
      value: requiredText(tag, 'Value'),
    })),
  );
  return checkTags(tags, limits, limits === OBJECT_TAG_LIMITS ? ALLOWED : undefined);
}

/** Writes the XML form. */
export function tagXml(tags: readonly Tag[]): string {
  const inner = tags.map((tag) => wrap('Tag', element('Key', tag.key) + element('Value', tag.value)));
  return xmlDocument('Tagging', wrap('TagSet', inner.join('')));
}
