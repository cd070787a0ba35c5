import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { childrenOf, peakMiB } from '../processor-use.ts';

/** What a whole command took, from its start to its end. */
export interface CommandTime {
  readonly wallMs: number;
  /** User and system time of all its processes together. */
  readonly cpuMs: number;
  /** Highest resident set of its largest process, MiB. */
  readonly peakMiB: number;
}

/** The kernel keeps the highest value, so that only what grows in the last such moment of a process is missed. */
const LOOK_MS = 25;
const MAX_ERROR_TEXT = 4_000;

/** Runs a command line by bash, which measures it. `secrets` are variables of its environment. */
export async function runCommand(
  command: string,
  secrets: Readonly<Record<string, string>> = {},
): Promise<CommandTime> {
  const script = `set -e -o pipefail; TIMEFORMAT='%3R %3U %3S'; time { ${command}; }`;
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...secrets };
  const child = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text = (text + piece).slice(-MAX_ERROR_TEXT);
  });
  const memory = new PeakWatch(child.pid ?? 0);
  const [code] = (await once(child, 'close')) as [number];
  const peak = memory.end();
  const figures = /(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)\s*$/.exec(text);
  if (code !== 0 || !figures) throw new Error(`the command ended with ${code}: ${text}`);
  const [wall = 0, user = 0, system = 0] = figures.slice(1).map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000, peakMiB: peak };
}

/** Looks at the processes under a shell while they run; the shell itself does not count. */
class PeakWatch {
  readonly #shell: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(shell: number) {
    this.#shell = shell;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  end(): number {
    clearInterval(this.#timer);
    return this.#peak;
  }

  #look(): void {
    const found = [...childrenOf(this.#shell)];
    for (const pid of found) {
      this.#peak = Math.max(this.#peak, peakMiB(pid) ?? 0);
      found.push(...childrenOf(pid));
    }
  }
}

/** A word of a command line, whatever it holds. */
export const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
