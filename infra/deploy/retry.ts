/** What may be tried again while provisioning: the calls are idempotent as a whole. */

/** Attempts of one step, and the first pause between two, which doubles. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ResourceExhausted',
  'ResourceThrottled',
  'InternalServerError',
  'ServiceUnavailable',
]);

/** The error code of the service or of the socket. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** Whether a repetition may help: the transport failed, or the service asked for patience. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const hungUp = error.message.includes('socket hang up');
  return error.name === 'RequestTimeoutError' || hungUp || TRANSIENT_CODES.has(codeOf(error) ?? '');
}

/** Runs a repeatable step until it succeeds, fails for good, or the attempts are used up. */
export async function withRetry<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (attempt >= ATTEMPTS || !isTransient(error)) throw error;
      const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
