// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${name}` is the notation of variables
import { defineCodes } from './define.ts';

/** JOB-1xxx: the job file, scheduling parameters, data sources and the project file. */
export const jobCodes = defineCodes({
  'JOB-1001': {
    title: 'the file is not valid JSON',
    cause: 'A comma, quote or bracket is missing, or something stands where JSON allows nothing.',
    next: 'Correct the named line; comments (`//`, `/* */`, `#`) and trailing commas are allowed.',
  },
  'JOB-1002': {
    title: 'text follows after the end',
    cause: 'The file goes on after its closing brace, often because a brace was closed too early.',
    next: 'Remove what follows, or move the closing brace.',
  },
  'JOB-1003': {
    title: 'a key is written twice',
    cause: 'The same key stands twice in one object; only one of the values could take effect.',
    next: 'Keep one of them.',
  },
  'JOB-1004': {
    title: 'unknown key',
    cause: 'The key is misspelt, stands in the wrong place, or belongs to something not offered here.',
    next: 'Use the name that is suggested; `millrace schema` prints every key.',
  },
  'JOB-1005': {
    title: 'something required is missing',
    cause: 'A key without a default is absent.',
    next: 'Add it; `docs/job-files.md` lists what each part needs.',
  },
  'JOB-1006': {
    title: 'a value has the wrong type',
    cause: 'The value cannot be read as what the key holds without changing it.',
    next: 'Write a value of the named type.',
  },
  'JOB-1007': {
    title: 'a value is not allowed',
    cause: 'It is out of range, or not one of the choices.',
    next: 'Use one of the values that are named.',
  },
  'JOB-1008': {
    title: 'the file is too large or too deep',
    cause: 'A file may have 1 MiB and 32 levels of brackets.',
    next: 'Split it into smaller jobs.',
  },
  'JOB-1009': {
    title: 'the key is reserved',
    cause: '`__proto__`, `constructor` and `prototype` are never accepted as keys.',
    next: 'Rename it.',
  },
  'JOB-1010': {
    title: 'this is no job of a known form',
    cause:
      'Neither `steps` (DataWorks 2.0), `configuration` (DataWorks 1.0) nor `job` (DataX) describes a job here.',
    next: 'Begin with a copy of examples/orders/orders-to-oss.json.',
  },
  'JOB-1011': {
    title: 'the steps do not form one reader and one writer',
    cause: 'A step is missing or doubled, or `order.hops` does not lead from the reader to the writer.',
    next: 'Keep one step of category `reader`, one of category `writer` and one hop between their names.',
  },
  'JOB-1012': {
    title: 'unknown plug-in',
    cause: 'No connector has this name.',
    next: 'Use one of the names that are listed.',
  },
  'JOB-1013': {
    title: 'the plug-in cannot do this',
    cause: 'It is named as a reader but can only write, or the reverse.',
    next: 'Choose a plug-in that can.',
  },
  'JOB-1014': {
    title: 'this is not supported',
    cause: 'DataWorks or DataX know it, Millrace does not; ignoring it would change what the job means.',
    next: 'Remove it, after making sure that the job is right without it.',
  },
  'JOB-1015': {
    title: 'a variable has no value',
    cause: 'The job uses a variable that nothing assigns.',
    next: 'Give it with `-p name=value` or in the assignment list; write `$${name}` for the text itself.',
  },
  'JOB-1016': {
    title: 'the scheduling expression is not valid',
    cause: 'A format or offset is not of the grammar, or would not do what it seems to say.',
    next: 'See the table of scheduling parameters in docs/job-files.md.',
  },
  'JOB-1017': {
    title: 'the assignment list is not valid',
    cause: 'It is a list of `name=value` separated by blanks; a value holds neither a blank nor `=`.',
    next: 'Correct the named assignment.',
  },
  'JOB-1018': {
    title: 'no such data source',
    cause: 'The project file has no data source of this name.',
    next: 'List them with `millrace conn list`, or add it to millrace.json.',
  },
  'JOB-1019': {
    title: 'the data source does not fit',
    cause: 'It is of another type than the plug-in, or one of its entries is wrong.',
    next: 'Correct it in millrace.json and check it with `millrace conn test NAME`.',
  },
  'JOB-1020': {
    title: 'a secret reference cannot be used',
    cause: 'The environment variable or file is absent, or the reference stands where none is allowed.',
    next: 'Set the variable, or move the reference to a credential of a data source.',
  },
  'JOB-1021': {
    title: 'a secret is written in clear',
    cause: 'The file holds a credential itself; a job is stored with each of its runs.',
    next: 'Put a reference such as `${env:NAME}` into a data source of millrace.json.',
  },
  'JOB-1022': {
    title: 'an unshifted date beside a shifted hour',
    cause: 'Between midnight and one, `$[yyyymmdd]` is today while `$[hh24-1/24]` is 23.',
    next: 'Shift the date too: `$[yyyymmdd-1/24]`.',
  },
  'JOB-1023': {
    title: 'this has no effect',
    cause: 'The entry is known but changes nothing here.',
    next: 'Remove it, or set what it depends on.',
  },
  'JOB-1024': {
    title: 'a variable without an assignment took its usual value',
    cause:
      '`${bizdate}` and `${cyctime}` are not built in; without an assignment they mean what they usually do.',
    next: 'Write `bizdate=$bizdate` into the assignment list to be explicit.',
  },
  'JOB-1025': {
    title: 'the parameters do not go together',
    cause: 'Each is valid, but not with the others.',
    next: 'See the page of the plug-in in docs.',
  },
  'JOB-1026': {
    title: 'the job does not fit the source',
    cause: 'A column, type or range of the job is not what the source has.',
    next: 'Compare the job with the source; `millrace plan JOB` reads its schema.',
  },
  'JOB-1027': {
    title: 'the job does not fit the target',
    cause: 'The columns or options cannot be written to this target.',
    next: 'Compare the job with the target; `millrace plan JOB` checks it.',
  },
});
