import { defineCodes } from './define.ts';

/** CNV-3xxx: converting a value. */
export const conversionCodes = defineCodes({
  'CNV-3001': {
    title: 'bytes are not text in the target encoding',
    cause: 'A binary value has no faithful text form.',
    next: 'Set `byteEncoding` to base64 in the writer.',
  },
  'CNV-3002': {
    title: 'a character does not exist in the target encoding',
    cause: 'The text holds a character that the chosen `encoding` cannot represent.',
    next: 'Use UTF-8, or allow dirty rows.',
  },
  'CNV-3003': {
    title: 'a value is not a date or time',
    cause: 'The column is a date, time or datetime, but the cell does not hold one in full.',
    next: 'Correct the value in the source, or remove `dateFormat` from the writer.',
  },
});
