import { defineCodes } from './define.ts';

/** SEC-8xxx: refused by policy. */
export const policyCodes = defineCodes({
  'SEC-8001': {
    title: 'the object name is not allowed',
    cause: 'It is empty, too long, or holds a segment or character that could name another object.',
    next: 'Use plain path segments without `.`, `..`, backslashes or control characters.',
  },
});
