import { expect, test } from 'vitest';
import { wrapWords } from './stage.ts';

test.each([
  ['one line fits', 9, ['one line', 'fits']],
  ['one line fits', 13, ['one line fits']],
  ['one line fits', Number.POSITIVE_INFINITY, ['one line fits']],
  ['aVeryLongWord b', 5, ['aVeryLongWord', 'b']],
  ['', 5, ['']],
] as const)('%j in %d characters', (sentence, room, lines) => {
  expect(wrapWords(sentence, room)).toEqual(lines);
});
