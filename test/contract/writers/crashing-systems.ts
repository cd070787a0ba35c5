import type { Sink, Writer } from '../../../core/connectors/contract.ts';
import { SyncError } from '../../../core/errors/index.ts';
import { MemorySystems } from '../../support/memory-systems.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** Integers from memory into a real target, whose attempts die before, after and between blocks. */
export class CrashingSystems extends MemorySystems {
  readonly #open: () => Writer;
  readonly #random: () => number;
  /** Share of the steps at which an attempt dies. */
  deaths = 0.2;
  died = 0;

  constructor(rows: number, shards: number, seed: number, open: () => Writer) {
    super(rows, shards, {}, 7);
    this.#open = open;
    this.#random = seededRandom(seed);
  }

  override async openWriter(): Promise<Writer> {
    const writer = this.#open();
    const open = writer.open.bind(writer);
    writer.open = async (...args) => this.#crashing(await open(...args));
    return writer;
  }

  #crashing(sink: Sink): Sink {
    const die = (): void => {
      if (this.#random() >= this.deaths) return;
      this.died++;
      throw new SyncError('DST-4001', 'transient', 'died in a test');
    };
    return {
      ...(sink.ahead !== undefined && { ahead: sink.ahead }),
      write: async (block, settle) => {
        die();
        const faults = await sink.write(block, async (refused) => {
          const mark = await settle!(refused);
          die();
          return mark;
        });
        die();
        return faults;
      },
      checkpoint: async () => sink.checkpoint(),
      finish: async () => sink.finish(),
      close: async () => sink.close(),
    };
  }
}
