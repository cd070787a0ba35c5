import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerAddress } from '../../test/support/servers/server-process.ts';

/** Time that a command took; user and system time of all its processes together. */
export interface ShellTime {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Runs a command line by bash, which measures it, with the passwords of the servers in its environment. */
export async function shell(
  command: string,
  [mariadb, postgres]: readonly [ServerAddress, ServerAddress],
): Promise<ShellTime> {
  const script = `set -e -o pipefail; TIMEFORMAT='%3R %3U %3S'; time { ${command}; }`;
  const env = { ...process.env, LC_ALL: 'C', MYSQL_PWD: mariadb.password, PGPASSWORD: postgres.password };
  const child = spawn('bash', ['-c', script], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const [code] = (await once(child, 'close')) as [number];
  const figures = /(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)\s*$/.exec(text);
  if (code !== 0 || !figures) throw new Error(`the command ended with ${code}: ${text}`);
  const [wall = 0, user = 0, system = 0] = figures.slice(1).map(Number);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}
