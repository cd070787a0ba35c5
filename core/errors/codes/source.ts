import { defineCodes } from './define.ts';

/** SRC-2xxx: reading. */
export const sourceCodes = defineCodes({
  'SRC-2001': {
    title: 'the source could not be reached',
    cause: 'Wrong endpoint, a network fault, or the service is down.',
    next: 'Check the data source with `millrace conn test NAME`, then `millrace resume RUN`.',
  },
  'SRC-2002': {
    title: 'the source refused the credentials',
    cause: 'The access key is unknown, expired, or lacks permission for this table.',
    next: 'Check the data source with `millrace conn test NAME`.',
  },
  'SRC-2003': {
    title: 'the source is throttling',
    cause: 'The table or account is over its read capacity.',
    next: 'It is retried with back-off; lower `speed.concurrent` or `speed.mbps` if it persists.',
  },
  'SRC-2004': {
    title: 'the source refused the request',
    cause: 'The request does not fit the table, or the table does not exist.',
    next: 'Compare the job with the table; `millrace plan JOB` reads its schema.',
  },
  'SRC-2005': {
    title: 'the answer of the source could not be decoded',
    cause: 'Bytes were damaged on the way, or the service speaks a newer format.',
    next: 'It is retried; if it persists report it with the request id.',
  },
  'SRC-2008': {
    title: 'the place to go on from is lost',
    cause:
      'Rows of the shard stand in the target already, and the source has no key, or no longer the position, to go on after them.',
    next: 'Clear the target and start a new run; a primary key or `splitPk` makes runs resumable.',
  },
  'SRC-2009': {
    title: 'a shard without a key took longer than one invocation may',
    cause: 'The table has no key to continue by, so the shard has to be moved in one go.',
    next: 'Give the table a primary key or the job a `splitPk`, or raise the time limit of the worker.',
  },
  'SRC-2010': {
    title: 'the range does not fit the table',
    cause:
      'A value of `range` has another type than its key column, or begin, end and split are not in order.',
    next: 'Compare `range` with the primary key of the table; `millrace plan JOB` reads it.',
  },
  'SRC-2011': {
    title: 'the columns cannot be read this way',
    cause:
      'The service fetches at most 128 columns by name, and a job asked for more in a way that needs names.',
    next: 'Leave `includeEmptyRows` unset, or configure fewer columns.',
  },
  'SRC-2012': {
    title: 'no object matches',
    cause: 'No object of the bucket has a name that `object` lists, or matches its wildcards.',
    next: 'Compare `object` with the bucket, or set `successOnNoObject` if that is no fault.',
  },
  'SRC-2013': {
    title: 'an object changed during the run',
    cause: 'The object was overwritten or deleted after the run was planned.',
    next: 'Start a new run when nobody writes to the objects any more.',
  },
  'SRC-2014': {
    title: 'an object is archived',
    cause: 'Its storage class has to be restored before it can be read.',
    next: 'Restore the object in the bucket, then start the run again.',
  },
  'SRC-2015': {
    title: 'what was read differs from what is stored',
    cause: 'The checksum of the bytes read is not that of the object: they were damaged on the way.',
    next: 'Start a new run; if it happens again, the object itself is damaged.',
  },
  'SRC-2016': {
    title: 'a compressed object becomes too large',
    cause: 'It becomes far more bytes than it has: it holds endless repetition, or is made to fill memory.',
    next: 'If it is genuine, raise `maxExpansion` in the reader.',
  },
  'SRC-2017': {
    title: 'a record or field is too large',
    cause:
      'A quote was opened and never closed, a delimiter is wrong, or a value is larger than is supported.',
    next: 'Compare `fileFormat`, `lineDelimiter` and the quotes with the object.',
  },
  'SRC-2018': {
    title: 'an object cannot be read in this format',
    cause: 'Its compression, header or quotes are not what the job says, or the object is damaged.',
    next: 'Compare `compress`, `skipHeader` and `fileFormat` with the object.',
  },
  'SRC-2020': {
    title: 'the parameters do not fit the tables',
    cause: 'A table or column does not exist, tables of one job differ, or a name cannot be read.',
    next: 'Compare `table` and `column` with the database; `millrace plan JOB` reads its catalogue.',
  },
  'SRC-2021': {
    title: 'a column has a type that cannot be read',
    cause: 'Geometries and a few other types have no exact form outside the database.',
    next: 'Convert the column in the job, for example `ST_AsText(shape)`, or leave it out.',
  },
  'SRC-2022': {
    title: 'a statement took longer than it may',
    cause:
      'The server or `statementTimeoutInMillisecond` limits the time of a statement, or somebody ended it.',
    next: 'Raise the limit, or cut the table finer with `splitPk` and a higher `speed.concurrent`.',
  },
  'SRC-2023': {
    title: 'the table is no longer as it was planned',
    cause: 'Columns or the key of the table changed after the run was planned.',
    next: 'Start a new run: it plans again.',
  },
  'SRC-2024': {
    title: 'a piece of SQL is not what it stands for',
    cause:
      'A column expression, `where` or `querySql` has unbalanced parentheses or quotes, comments, or more than one statement.',
    next: 'Write one expression, or one SELECT, without comments and semicolons.',
  },
  'SRC-2025': {
    title: 'the split points cannot be used',
    cause:
      '`splitPoints` do not fit the type of `splitPk`, or are not strictly increasing as the database compares them.',
    next: 'Order them as `ORDER BY` on the column does.',
  },
  'SRC-2026': {
    title: 'a row is too large',
    cause: 'A single row is larger than a reader holds in memory.',
    next: 'Leave the large column out, or export it in pieces.',
  },
  'SRC-2050': {
    title: 'the file is no Parquet file, or a damaged one',
    cause: 'The file was cut off, changed while it was read, or written by a program that breaks the format.',
    next: 'Check it with another reader, for example DuckDB, and write it again.',
  },
  'SRC-2051': {
    title: 'a Parquet column cannot be read as a table column',
    cause: 'The column is a list, map or struct, or has a type that no column of a table holds exactly.',
    next: 'Leave it out of `column`.',
  },
});
