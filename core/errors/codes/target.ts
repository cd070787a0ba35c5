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
});
