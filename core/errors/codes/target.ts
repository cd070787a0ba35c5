import { defineCodes } from './define.ts';

/** DST-4xxx: writing. */
export const targetCodes = defineCodes({
  'DST-4001': {
    title: 'the target could not be reached',
    cause: 'Wrong endpoint, a network fault, or the service is down.',
    next: 'Check the data source with `millrace conn test NAME`, then `millrace resume RUN`.',
  },
  'DST-4002': {
    title: 'the target refused the credentials',
    cause: 'The access key is unknown, expired, or lacks permission for this bucket or table.',
    next: 'Check the data source with `millrace conn test NAME`.',
  },
  'DST-4003': {
    title: 'the target is throttling',
    cause: 'The account is over its request or bandwidth limit.',
    next: 'It is retried with back-off; lower `speed.concurrent` if it persists.',
  },
  'DST-4004': {
    title: 'the target refused the request',
    cause: 'The bucket or table does not exist, or the request does not fit it.',
    next: 'Compare the job with the target; `millrace plan JOB` checks it.',
  },
  'DST-4005': {
    title: 'what the target stored differs from what was sent',
    cause: 'A checksum or length did not match after a write.',
    next: 'Nothing was committed. `millrace resume RUN` writes the shard again.',
  },
  'DST-4006': {
    title: 'the target already holds data',
    cause: '`writeMode` is nonConflict and names with this prefix exist.',
    next: 'Choose another `object` prefix, or `writeMode` truncate or append.',
  },
  'DST-4007': {
    title: 'the bucket keeps versions of objects',
    cause:
      'With versioning a write can no longer be refused because the object exists, so output could be doubled.',
    next: 'Use a bucket without versioning.',
  },
  'DST-4008': {
    title: 'an object has too many parts',
    cause: 'An object may have at most 10,000 parts.',
    next: 'Set a smaller `maxFileSize`, or use more shards.',
  },
  'DST-4009': {
    title: 'an unfinished upload is gone',
    cause:
      'The run was discarded or committed by somebody else, or a lifecycle rule of the bucket removed its parts.',
    next: 'See `millrace show RUN`; if the run has not ended, start it anew, with a longer lifecycle rule.',
  },
  'DST-4010': {
    title: 'the columns do not fit the file format',
    cause:
      'A Parquet column has one type for all rows, and a column of the source has none, or one that no Parquet type holds exactly.',
    next: 'Declare the columns in `parquetSchema` of the writer, one per column in their order.',
  },
  'DST-4020': {
    title: 'the target table does not exist',
    cause: 'Nothing of that name can be written to in the database, or the account may not see it.',
    next: 'Create it, correct `table`, or write `"createTable": true`.',
  },
  'DST-4021': {
    title: 'the columns do not fit the target table',
    cause:
      'A name is unknown, stands twice or is computed by the database, the number of columns differs from the source, or a column without a default is left out.',
    next: 'Compare `column` of reader and writer with the table; `millrace plan JOB` shows both.',
  },
  'DST-4022': {
    title: 'a column cannot hold the values of its source',
    cause: 'The conversion is impossible, or loses something and was not allowed.',
    next: 'Change the type of the target column, or allow what the message names.',
  },
  'DST-4023': {
    title: 'the write mode needs a key that is not there',
    cause:
      'Updating and ignoring go by a primary or unique key; the table has none, or `conflictTarget` is not one, or its columns are not written.',
    next: 'Add the key, name it in `conflictTarget`, or use another `writeMode`.',
  },
  'DST-4024': {
    title: 'the ledger of the target knows this run already',
    cause:
      'A run of the same name wrote to this table before: it ended, was discarded, or belongs to another deployment with other state.',
    next: 'Start a run with another schedule time, or remove the rows of the run from `millrace_ledger`.',
  },
  'DST-4025': {
    title: 'no ledger can be kept in the target',
    cause: 'The engine of the table has no transactions, or the account may not create the ledger table.',
    next: 'Create `millrace_ledger` as the documentation shows, or write `"ledger": false`.',
  },
  'DST-4026': {
    title: 'the target refused a row: key or constraint',
    cause: 'A row with the same key exists, a reference is missing, or a check failed.',
    next: 'See `millrace dirty show RUN`; `writeMode` says what duplicates mean.',
  },
  'DST-4027': {
    title: 'the target refused a row: value',
    cause: 'The server could not store a value in its column, or a trigger refused the row.',
    next: 'See `millrace dirty show RUN` for the column and the value.',
  },
  'DST-4028': {
    title: 'a row is larger than the target takes',
    cause: 'One row does not fit into one statement (`max_allowed_packet`), or into an index.',
    next: 'Raise the limit of the server, or leave the column out.',
  },
  'DST-4029': {
    title: 'a statement of preSql, postSql or session failed',
    cause: 'The server refused the statement; the message has its reason.',
    next: 'Correct the statement; the message names its place in the list.',
  },
  'DST-4040': {
    title: 'the target table does not exist in Tablestore',
    cause: 'The instance has no table of that name.',
    next: 'Create the table with the primary key that the job names, or correct `table`.',
  },
  'DST-4041': {
    title: 'the primary key does not fit the table',
    cause: '`primaryKey` must name every key column of the table, each with its type, and nothing else.',
    next: 'Compare `primaryKey` with the table; the message shows both.',
  },
  'DST-4042': {
    title: 'the columns do not fit the table',
    cause:
      'The source has another number of columns than `primaryKey` and `column` together, or an attribute is a key column or predefined with another type.',
    next: 'Correct `column`; its order is that of the source columns after those of the key.',
  },
  'DST-4043': {
    title: 'a row has no value for a key column',
    cause: 'Key columns of Tablestore hold no null.',
    next: 'See `millrace dirty show RUN`; give the rows a value in the source.',
  },
  'DST-4044': {
    title: 'a row is larger than Tablestore takes',
    cause: 'One write holds at most 4 MiB of names and values.',
    next: 'Leave large columns out, or keep them in another place such as OSS.',
  },
  'DST-4045': {
    title: 'Tablestore refused a row',
    cause:
      'A value does not fit a predefined column, a version is out of its time range, or a limit is exceeded.',
    next: 'See `millrace dirty show RUN`; the message has the reason of the service.',
  },
});
