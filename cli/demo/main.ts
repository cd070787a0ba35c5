/** `npm run demo`: the whole product in half a minute, on this machine only. */
import { fileURLToPath } from 'node:url';
import { asSyncError } from '../../core/errors/index.ts';
import { systemClock, systemRandom } from '../../core/ports/system.ts';
import type { CommandContext } from '../context.ts';
import { ExitCode } from '../exit-codes.ts';
import { type EndSignal, processIo } from '../io.ts';
import { cliLogger } from '../logger.ts';
import { Output, wantsColor } from '../output.ts';
import { countOf, formatDuration } from '../quantity.ts';
import { formatPairs } from '../table.ts';
import { CloudChild } from './cloud-child.ts';
import { serveCloud } from './cloud-process.ts';
import { CLOUD_ROLE } from './cloud-protocol.ts';
import { nextLines } from './next.ts';
import { Stage } from './stage.ts';
import { playStory, stopwatch } from './story.ts';

const DEFAULT_ROWS = 200_000;
/** Fewer would fit into one page per shard: nothing could be half done. */
const MIN_ROWS = 60_000;
const MAX_ROWS = 2_000_000;

async function main(args: readonly string[]): Promise<void> {
  if (args[0] === CLOUD_ROLE) return serveCloud();
  const rows = rowsOf(args);
  if (rows === undefined) {
    process.stderr.write(`usage: npm run demo -- [--rows N], N from ${MIN_ROWS} to ${MAX_ROWS}\n`);
    process.exit(ExitCode.usage);
  }
  // Nobody reads any more, as with `| head`; the cloud ends with this process.
  process.stdout.on('error', () => process.exit(ExitCode.failed));
  const demo = new Demo(rows);
  const exitCode = await demo.run();
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => resolve());
  });
  process.exit(exitCode);
}

function rowsOf(args: readonly string[]): number | undefined {
  if (args.length === 0) return DEFAULT_ROWS;
  const [name, value = '', ...rest] = args;
  if (name !== '--rows' || rest.length > 0 || !/^\d{1,9}$/.test(value)) return undefined;
  const rows = Number(value);
  return rows >= MIN_ROWS && rows <= MAX_ROWS ? rows : undefined;
}

/** A dying cloud breaks connections a moment before its end is known; its end is the better explanation. */
const LOSS_NOTICE_MS = 1_000;

const EXIT_BY_SIGNAL: Readonly<Record<EndSignal, number>> = {
  SIGINT: ExitCode.interrupted,
  SIGTERM: ExitCode.terminated,
};

/** Plays the story in a cloud that ends with it, also when somebody interrupts. */
class Demo {
  readonly #rows: number;
  readonly #context: CommandContext;
  readonly #stage: Stage;
  readonly #took: () => number;
  #child: CloudChild | undefined;

  constructor(rows: number) {
    const io = processIo();
    this.#rows = rows;
    this.#context = {
      io,
      out: new Output(io, 'text', wantsColor(io, true)),
      options: { local: true, verbose: false },
      clock: systemClock,
      random: systemRandom,
      log: cliLogger(io.stderr, false),
      secrets: new Set(),
    };
    this.#stage = new Stage(this.#context);
    this.#took = stopwatch(this.#context);
  }

  async run(): Promise<number> {
    const interrupted = new Promise<EndSignal>((resolve) => this.#context.io.onSignal(resolve));
    try {
      const end = await Promise.race([this.#play(), interrupted]);
      if (typeof end === 'number') return end;
      this.#stage.close('', `${end}: ending the local cloud; nothing is left behind.`);
      return EXIT_BY_SIGNAL[end];
    } catch (error) {
      const { code, message } = asSyncError(error);
      this.#stage.close('', this.#red(`The demo failed: ${code} ${message}`));
      return ExitCode.failed;
    } finally {
      await this.#child?.close();
    }
  }

  async #play(): Promise<number> {
    const stage = this.#stage;
    stage.say(
      this.#context.out.colors.bold('Millrace demo'),
      `${countOf(this.#rows, 'order')} go from Tablestore to OSS on serverless functions,`,
      'and a function is killed on the way. Everything runs on this machine,',
      'in memory, and nothing stays behind. Ctrl-C ends it.',
    );
    const child = await this.#startCloud();
    const context = this.#context;
    const story = playStory({ context, stage, child, rows: this.#rows });
    const faults = await Promise.race([story, child.lost]).catch(async (error: unknown) => {
      await Promise.race([child.lost, context.clock.sleep(LOSS_NOTICE_MS)]);
      throw error;
    });
    const took = formatDuration(this.#took());
    if (faults.length > 0) {
      stage.say('', this.#red(`The demo failed after ${took}:`), ...faults.map((fault) => `  ${fault}`));
      return ExitCode.failed;
    }
    const good = `Done in ${took}: every row arrived exactly once, although a worker was killed.`;
    stage.say('', context.out.colors.green(good), '', ...nextLines(context.out.colors));
    return ExitCode.ok;
  }

  async #startCloud(): Promise<CloudChild> {
    this.#stage.step('Start the local cloud');
    const took = stopwatch(this.#context);
    this.#child = await CloudChild.start(fileURLToPath(import.meta.url));
    const { ots, oss, fc } = this.#child.cloud.endpoints;
    this.#stage.lines(
      ...formatPairs(
        [
          ['Tablestore', ots],
          ['OSS', oss],
          ['Function Compute', fc],
        ],
        '',
      ),
      `Ready after ${formatDuration(took())}, as process ${this.#child.cloud.pid}.`,
    );
    return this.#child;
  }

  #red(text: string): string {
    return this.#context.out.colors.red(text);
  }
}

await main(process.argv.slice(2));
