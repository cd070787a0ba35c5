/** One answer of a server as blocks: the bytes of the next block come while somebody works with the last one. */
import type { Socket } from 'node:net';
import type { BlockMemories } from './block-memories.ts';
import { type BlockPlan, makeBlock, RowBuffer, type Scanner } from './row-buffer.ts';
import { type FeedPorts, SocketFeed } from './socket-feed.ts';
import type { KeyedBlock } from './source.ts';

/** A statement on its way, and what its answer holds. */
export interface Exchange extends FeedPorts {
  readonly socket: Socket;
  /** The statement as the protocol has it. */
  readonly statement: Buffer;
  /** Fields of a row: the columns of the plan, then hidden ones. */
  readonly fields: number;
  readonly plan: BlockPlan;
  /** Of the connection: its answers follow each other. */
  readonly memories: BlockMemories;
  scannerOf(buffer: RowBuffer): Scanner;
}

/** Sends the statement and yields its rows. Left early, the connection is of no more use. */
export async function* answerBlocks(exchange: Exchange): AsyncGenerator<KeyedBlock> {
  const { socket, statement, fields, plan, memories } = exchange;
  const buffer = new RowBuffer(fields, memories);
  const feed = new SocketFeed(socket, buffer, exchange);
  const scanner = exchange.scannerOf(buffer);
  socket.write(statement);
  for (;;) {
    scanner.scan();
    if (buffer.full || (scanner.ended && buffer.rows > 0)) {
      const rows = buffer.takeRows();
      feed.flow();
      yield makeBlock(rows, plan);
    } else if (scanner.ended) break;
    else await feed.more();
  }
  feed.giveBack();
  buffer.end();
}
