/** What the demo and its cloud say to each other over the process channel. */
import type { CloudFile } from '../cloud-file.ts';

/** From the demo to the cloud. A closed channel means `close` as well. */
export type CloudRequest = { readonly ask: 'workers' } | { readonly ask: 'close' };

/** From the cloud to the demo. */
export type CloudNews =
  | { readonly tell: 'ready'; readonly folder: string; readonly cloud: CloudFile }
  | { readonly tell: 'failed'; readonly why: string }
  /** Process ids of the workers that execute something at this moment. */
  | { readonly tell: 'workers'; readonly pids: readonly number[] };

/** First argument of the process that becomes the cloud. */
export const CLOUD_ROLE = 'cloud';
