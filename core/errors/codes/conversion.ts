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
  'CNV-3010': {
    title: 'a value is not a number',
    cause:
      'The target column is a number and the text is none: it may hold blanks, letters, or nothing at all.',
    next: 'Correct the value in the source, set `emptyAsNull` if it is empty, or allow dirty rows.',
  },
  'CNV-3011': {
    title: 'a value is out of range of the target',
    cause: 'The number or moment lies beyond what the target column can hold.',
    next: 'Widen the target column, or allow dirty rows.',
  },
  'CNV-3012': {
    title: 'a value would lose digits',
    cause:
      'The target column has no room for the fraction, the last digits, or the time of day of this value.',
    next: 'Choose a target type that keeps them, or allow dirty rows.',
  },
  'CNV-3013': {
    title: 'a value is not a date or time of the target type',
    cause: 'The text is not `yyyy-MM-dd`, `HH:mm:ss` or both, or names a day or time that does not exist.',
    next: 'Give the column a `format` in the reader where there is one, or correct the value in the source.',
  },
  'CNV-3014': {
    title: 'a wall-clock time does not exist in the time zone',
    cause: "A change of the clock skips this time in the job's time zone, so it is no instant.",
    next: 'Set `timeZone` of the job to the zone in which the source wrote the times.',
  },
  'CNV-3015': {
    title: 'a value is not a boolean',
    cause: 'Booleans are the words true and false, and the integers 0 and 1.',
    next: 'Choose another target type, or correct the value in the source.',
  },
  'CNV-3016': {
    title: 'a value is too long for the target',
    cause: 'The target column holds fewer characters or bytes than the value has.',
    next: 'Widen the target column, or allow dirty rows.',
  },
  'CNV-3017': {
    title: 'bytes are not UTF-8 text',
    cause: 'The target column is text and the bytes of the value are not valid UTF-8.',
    next: 'Choose a binary target column, or allow dirty rows.',
  },
  'CNV-3018': {
    title: 'text holds a zero character',
    cause: 'The target stores no character with the code 0 in text.',
    next: 'Remove it in the source, or choose a binary target column.',
  },
  'CNV-3019': {
    title: 'a value is not JSON',
    cause: 'The target column is JSON and the text of the value is not.',
    next: 'Correct the value in the source, or choose a text column.',
  },
  'CNV-3020': {
    title: 'a value has a type that the target cannot take',
    cause: 'No conversion leads from the type of this value to the type of the target column.',
    next: 'Compare the columns with `millrace plan JOB`; choose another target type.',
  },
  'CNV-3040': {
    title: 'null in a column that takes none',
    cause: 'The target column is `required`, and the row has no value in it.',
    next: 'Make the column `optional` in `parquetSchema`, or allow dirty rows.',
  },
  'CNV-3021': {
    title: 'a record has the wrong number of fields',
    cause: 'A line is cut off, a delimiter stands in a field without quotes, or the file has another layout.',
    next: 'Compare `fieldDelimiter` and `column` with the file, or allow dirty rows.',
  },
  'CNV-3022': {
    title: 'a record is malformed',
    cause: 'Something stands between a closing quote and the next delimiter.',
    next: 'Double quotes inside of quoted fields, or read the file as `fileFormat` text.',
  },
  'CNV-3023': {
    title: 'a field is not text in the encoding of the file',
    cause: 'The file was written in another encoding than `encoding` says, or is damaged.',
    next: 'Set `encoding` to the one of the file, or read the column as bytes.',
  },
  'CNV-3024': {
    title: 'a field is not base64',
    cause: '`byteEncoding` is base64 and a field of type bytes is no canonical base64.',
    next: 'Set `byteEncoding` to text, or correct the file.',
  },
});
