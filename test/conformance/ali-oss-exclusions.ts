/** Tests of ali-oss that are expected to fail here, each group with its reason. Everything else must pass. */

import type { AddressStyle, Failure, FileResult, TestFile } from './ali-oss/results.ts';

interface Exclusion {
  readonly reason: string;
  /** Beginnings of titles, without the mark of the signature version. */
  readonly titles: readonly string[];
  /** Only with this kind of address; both when absent. */
  readonly style?: AddressStyle;
  /** May also pass. */
  readonly unstable?: true;
}

const CONFIGURATION = 'bucket configurations are answered 501: what is stored would have no effect';
const IMAGES = 'there is no image processing';
const RESTORE = 'storage classes are labels only: nothing is archived, so nothing is restored';

const EXCLUSIONS: Readonly<Record<TestFile, readonly Exclusion[]>> = {
  object: [
    {
      reason: IMAGES,
      titles: [
        'processObjectSave() should process image',
        'get() should get object content buffer with image process',
        'getStream() should get image stream with image process',
        'signatureUrl(), asyncSignatureUrl() and signatureUrlV4() should signature url with image processed',
        'signatureUrl(), asyncSignatureUrl() and signatureUrlV4() should signature url with options contains other parameters',
      ],
    },
    {
      reason: RESTORE,
      titles: [
        'restore() ',
        'list() should list files with restore info',
        'listV2() should list files with restore info',
      ],
    },
    {
      reason: 'the client races a failing file against the answer and, when the answer wins, loses the cause',
      titles: ['get() should throw error when writeStream emit error'],
      unstable: true,
    },
    {
      reason: 'the test compares the whole path of the URL, which begins with the bucket here',
      titles: ['put() should return correct encode when name include + and space'],
      style: 'path',
    },
  ],
  multipart: [],
  bucket: [
    {
      reason: 'the test asks the resource manager of the real cloud',
      titles: ['listBuckets() should list buckets by group id'],
    },
    {
      reason: CONFIGURATION,
      titles: [
        'putBucketLogging(), getBucketLogging(), deleteBucketLogging() ',
        'putBucketWebsite(), getBucketWebsite(), deleteBucketWebsite() should get and delete',
        'putBucketWebsite(), getBucketWebsite(), deleteBucketWebsite() should create when',
        'putBucketReferer(), getBucketReferer(), deleteBucketReferer() ',
        'putBucketCORS(), getBucketCORS(), deleteBucketCORS() ',
        'putBucketRequestPayment(), getBucketRequestPayment() should create, get the request payment',
        'putBucketEncryption(), getBucketEncryption(), deleteBucketEncryption() ',
        'putBucketLifecycle() should put the lifecycle',
        'getBucketLifecycle() ',
        'deleteBucketLifecycle() ',
        'getBucketPolicy() putBucketPolicy() deleteBucketPolicy() should put, get, delete',
        'inventory() putBucketInventory ',
        'inventory() getBucketInventory ',
        'inventory() listBucketInventory ',
        'inventory() deleteBucketInventory ',
      ],
    },
  ],
  signature: [],
};

/** What a result means. */
export interface Verdict {
  readonly expected: readonly { readonly title: string; readonly reason: string }[];
  readonly surprises: readonly Failure[];
  /** Excluded tests that passed: the list must shrink. */
  readonly stale: readonly string[];
}

/** Compares a result with the expectations. */
export function judge(file: TestFile, style: AddressStyle, result: FileResult): Verdict {
  const exclusionOf = (title: string): Exclusion | undefined => {
    const plain = title.replace(/^\[V[14]\] /, '');
    return EXCLUSIONS[file].find(
      (each) =>
        (each.style ?? style) === style && each.titles.some((beginning) => plain.startsWith(beginning)),
    );
  };
  const expected = [];
  const surprises = [];
  for (const failure of result.failed) {
    const exclusion = exclusionOf(failure.title);
    if (exclusion) expected.push({ title: failure.title, reason: exclusion.reason });
    else surprises.push(failure);
  }
  const stale = result.passed.filter((title) => {
    const exclusion = exclusionOf(title);
    return exclusion !== undefined && !exclusion.unstable;
  });
  return { expected, surprises, stale };
}
