/** What a run of a test file gives. */

/** The test files of ali-oss that are run. */
export type TestFile = 'object' | 'multipart' | 'bucket' | 'signature';

/** How clients name the bucket: in the path or in the host. */
export type AddressStyle = 'path' | 'virtual';

/** A failed test or hook. */
export interface Failure {
  readonly title: string;
  readonly message: string;
}

/** Titles as mocha gives them, with `[V1]` or `[V4]` in place of the names of file and iteration. */
export interface FileResult {
  readonly passed: readonly string[];
  readonly failed: readonly Failure[];
}
