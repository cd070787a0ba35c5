import { describe, expect, it } from 'vitest';
import { readAhead } from '../../../core/transfer/read-ahead.ts';

/** Numbers from 0 on, with a record of what was asked of it. */
function source(count: number, log: string[]): AsyncIterable<number> {
  return (async function* () {
    try {
      for (let i = 0; i < count; i++) {
        log.push(`read ${i}`);
        yield i;
      }
      log.push('end');
    } finally {
      log.push('closed');
    }
  })();
}

/** Lets everything happen that waits for nothing. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

describe('reading ahead', () => {
  it('gives everything in order, and the next item is made while one is in work', async () => {
    const log: string[] = [];
    const made = readAhead(source(3, log), (n) => {
      log.push(`make ${n}`);
      return n * 10;
    });
    const got: number[] = [];
    for await (const item of made) {
      await settled();
      log.push(`use ${item}`);
      got.push(item);
    }
    expect(got).toEqual([0, 10, 20]);
    expect(log).toEqual([
      ...['read 0', 'make 0', 'read 1', 'make 1', 'use 0', 'read 2', 'make 2', 'use 10'],
      ...['end', 'closed', 'use 20'],
    ]);
  });

  it('closes the source behind the item on its way when it is left early', async () => {
    const log: string[] = [];
    for await (const item of readAhead(source(9, log), (n) => n)) if (item === 1) break;
    expect(log).toEqual(['read 0', 'read 1', 'read 2', 'closed']);
  });

  it('tells the fault of an item when its turn comes, whoever makes it', async () => {
    const faulty = async function* (): AsyncGenerator<number> {
      yield 0;
      throw new Error('the source broke');
    };
    const got: number[] = [];
    const all = async (items: AsyncIterable<number>): Promise<void> => {
      for await (const item of items) {
        await settled();
        got.push(item);
      }
    };
    await expect(all(readAhead(faulty(), (n) => n))).rejects.toThrow('the source broke');
    const refuse = (n: number): number => {
      if (n === 1) throw new Error('cannot be made');
      return n;
    };
    const log: string[] = [];
    await expect(all(readAhead(source(3, log), refuse))).rejects.toThrow('cannot be made');
    expect(got).toEqual([0, 0]);
    expect(log).toEqual(['read 0', 'read 1', 'closed']);
  });

  it('says nothing of a fault behind the item where it was left', async () => {
    const faulty = async function* (): AsyncGenerator<number> {
      yield 0;
      throw new Error('the source broke');
    };
    for await (const item of readAhead(faulty(), (n) => n)) {
      expect(item).toBe(0);
      break;
    }
  });
});
