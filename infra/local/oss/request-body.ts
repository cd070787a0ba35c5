/** The body of a request as a source of content. */

import type { IncomingMessage } from 'node:http';
import type { ContentSource, TakeChunk } from './content.ts';

/**
 * Chunks are taken in the turn in which they arrive; an async iterator would let each of them stop the socket and start
 * it again. A body that is not taken to its end costs the connection.
 */
export function bodySource(incoming: IncomingMessage): ContentSource {
  return (take) =>
    new Promise((resolve, reject) => {
      if (incoming.destroyed) reject(cutShort());
      else new BodyReader(incoming, take, { resolve, reject }).start();
    });
}

interface Outcome {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

class BodyReader {
  private readonly incoming: IncomingMessage;
  private readonly take: TakeChunk;
  private readonly outcome: Outcome;
  /** What the last chunk asked to wait for. */
  private taking: Promise<void> | undefined;

  constructor(incoming: IncomingMessage, take: TakeChunk, outcome: Outcome) {
    this.incoming = incoming;
    this.take = take;
    this.outcome = outcome;
  }

  start(): void {
    const { incoming } = this;
    incoming.on('error', this.onBreak).on('close', this.onBreak).on('end', this.onEnd);
    incoming.on('data', this.onData);
  }

  private readonly onData = (chunk: Buffer): void => {
    try {
      this.taking = this.take(chunk);
      if (this.taking !== undefined) this.wait(this.taking);
    } catch (error) {
      this.refuse(error);
    }
  };

  private readonly onEnd = (): void => {
    this.leave();
    this.outcome.resolve();
  };

  /** The caller cleans up after a rejection, so what is under way must have ended by then. */
  private readonly onBreak = (error: Error = cutShort()): void => {
    this.leave();
    void Promise.allSettled([this.taking]).then(() => this.outcome.reject(error));
  };

  private wait(taking: Promise<void>): void {
    this.incoming.pause();
    taking.then(
      () => this.incoming.resume(),
      (error: unknown) => this.refuse(error),
    );
  }

  private refuse(error: unknown): void {
    this.leave();
    this.incoming.destroy();
    this.outcome.reject(error);
  }

  private leave(): void {
    const { incoming } = this;
    incoming.off('error', this.onBreak).off('close', this.onBreak).off('end', this.onEnd);
    incoming.off('data', this.onData);
  }
}

function cutShort(): Error {
  return new Error('the body of the request ended early');
}
