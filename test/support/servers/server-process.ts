/** What the disposable database servers share: a folder, an unprivileged user, a free port, a process that ends. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Where a client finds a test server. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: string;
}

/** A server of one test file; disposing ends it and removes its folder. */
export interface TestServer extends ServerAddress, AsyncDisposable {
  /** Certificate that signs itself, as PEM: what a client has to trust. */
  readonly ca: string;
  readonly folder: string;
  /** Its first process. */
  pid(): number;
  /** What the server wrote so far, for messages of failed tests. */
  log(): string;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
}

/** A user that servers may run as; both refuse to run as root. `undefined` where this process is no root. */
interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const UNPRIVILEGED = 'nobody';
const PORT_TRIES = 5;
/** A certificate of a day is enough for a test. */
const CERTIFICATE = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];

/** Runs commands as the unprivileged user in a folder of their own. */
export class ServerFolder implements AsyncDisposable {
  readonly path: string;
  readonly #owner: Owner | undefined;

  private constructor(folder: string, owner: Owner | undefined) {
    this.path = folder;
    this.#owner = owner;
  }

  static async create(name: string): Promise<ServerFolder> {
    const owner = process.getuid?.() === 0 ? await ownerNamed(UNPRIVILEGED) : undefined;
    const folder = await mkdtemp(path.join(tmpdir(), `millrace-${name}-`));
    if (owner) await chown(folder, owner.uid, owner.gid);
    return new ServerFolder(folder, owner);
  }

  join(...names: string[]): string {
    return path.join(this.path, ...names);
  }

  async run(command: string, args: readonly string[]): Promise<string> {
    const options = { cwd: this.path, env: environment(this.path), ...this.#owner };
    const { stdout } = await execute(command, [...args], options);
    return stdout;
  }

  spawn(command: string, args: readonly string[]): ChildProcess {
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe'];
    return spawn(command, args, { cwd: this.path, env: environment(this.path), stdio, ...this.#owner });
  }

  /** Makes `server.key` and `server.crt` for 127.0.0.1 and localhost. */
  async makeCertificate(): Promise<void> {
    const files = ['-keyout', this.join('server.key'), '-out', this.join('server.crt')];
    const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    await this.run('openssl', [...CERTIFICATE, ...names, ...files]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

const environment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
});

async function ownerNamed(name: string): Promise<Owner> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, name])).stdout)),
  );
  return { uid: uid!, gid: gid! };
}

/** How a server is run: its command line for a port, and what tells that it answers. */
export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  args(port: number): readonly string[];
  /** Resolves once clients are served; rejects while they are not. */
  probe(port: number): Promise<void>;
  /** What ends it in good order. */
  readonly stopSignal: NodeJS.Signals;
}

/** The process of a server; can be killed and started again on the same port. */
export class ServerProcess {
  readonly #folder: ServerFolder;
  readonly #what: ServerCommand;
  #child: ChildProcess | undefined;
  #log = '';
  port = 0;

  constructor(folder: ServerFolder, what: ServerCommand) {
    this.#folder = folder;
    this.#what = what;
  }

  get log(): string {
    return this.#log;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.#what.name} does not run`);
    return this.#child.pid;
  }

  /** Another process may take the port between the look and the start, so the first start tries a few. */
  async startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = await freePort();
      try {
        return await this.start();
      } catch (error) {
        if (attempt === PORT_TRIES || !/address already in use/i.test(this.#log)) throw error;
      }
    }
  }

  async start(): Promise<void> {
    const child = this.#folder.spawn(this.#what.command, this.#what.args(this.port));
    this.#child = child;
    const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
    failed.catch(() => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
      });
    }
    await Promise.race([this.#answers(child), failed]);
  }

  /** Looks as often as the loop of events turns; a server that ends says why in its log. */
  async #answers(child: ChildProcess): Promise<void> {
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${this.#what.name} ended before it served:\n${this.#log}`);
      }
      const served = await this.#what.probe(this.port).then(
        () => true,
        () => false,
      );
      if (served) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  async end(signal: NodeJS.Signals = this.#what.stopSignal): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** The first of the paths that can be run, or an error that says what to install. */
export async function findProgram(
  name: string,
  candidates: readonly string[],
  packages: string,
): Promise<string> {
  for (const candidate of candidates) {
    const found = await execute(candidate, ['--version']).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  throw new Error(`${name} is needed by this test: sudo apt-get install ${packages}`);
}
