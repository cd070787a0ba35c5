import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, parseXml, requiredText, textOf } from './xml-reader.ts';
import { element, xmlDocument } from './xml-writer.ts';

describe('parseXml', () => {
  it('reads back what the writer wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (keys) => {
        const printable = keys.map((key) => key.replaceAll('\0', ''));
        const text = xmlDocument('Delete', printable.map((key) => element('Key', key)).join(''));
        expect(childrenOf(parseXml(text, 'Delete'), 'Key').map((node) => node.text)).toEqual(printable);
      }),
    );
  });

  it('skips prolog, comments, white space and attributes and reads character data', () => {
    const root = parseXml(
      '\uFEFF<?xml version="1.0"?>\n<!-- x --><A xmlns="urn:x">\n <B>1&amp;&#x41;&#66;</B><C/><D><![CDATA[<&]]></D></A>\n',
      'A',
    );
    expect(requiredText(root, 'B')).toBe('1&AB');
    expect(textOf(root, 'C')).toBe('');
    expect(textOf(root, 'D')).toBe('<&');
    expect(textOf(root, 'E')).toBeUndefined();
  });

  it.each([
    ['', 'no root'],
    ['<A>', 'not closed'],
    ['<A></B>', 'crossed'],
    ['<A/><A/>', 'two roots'],
    ['<A/>text', 'text behind'],
    ['</A>', 'closed only'],
    ['<B/>', 'other root'],
    ['<A>&bad;</A>', 'unknown entity'],
    ['<A>&#0;</A>', 'impossible character'],
    ['<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>', 'document type'],
    [`${'<A>'.repeat(40)}${'</A>'.repeat(40)}`, 'too deep'],
  ])('refuses %s (%s)', (source) => {
    expect(() => parseXml(source, 'A')).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('refuses a repeated element where one is meant', () => {
    const root = parseXml('<A><B/><B/></A>', 'A');
    expect(() => textOf(root, 'B')).toThrow(/several B/);
  });
});
