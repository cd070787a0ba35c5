/** Answers that trickle: what a client sees of a connection that is almost dead. */
import type { ServerResponse } from 'node:http';

/**
 * Sends the body of an answer, whose head must be set, one byte every `msPerByte` milliseconds, and ends it. Resolves
 * early when the connection goes, so that a closing service need not wait.
 */
export async function sendSlowly(
  response: ServerResponse,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  msPerByte: number,
): Promise<void> {
  response.flushHeaders();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      await pause(response, msPerByte);
      if (response.destroyed) return;
      response.write(chunk.subarray(at, at + 1));
    }
  }
  response.end();
}

function pause(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    const settle = (): void => {
      clearTimeout(timer);
      response.off('close', settle);
      resolve();
    };
    const timer = setTimeout(settle, ms);
    response.once('close', settle);
  });
}
