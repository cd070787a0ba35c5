/** The demo's side of its cloud. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { SyncError } from '../../core/errors/index.ts';
import type { CloudFile } from '../cloud-file.ts';
import { CLOUD_ROLE, type CloudNews, type CloudRequest } from './cloud-protocol.ts';

/** Closing takes some milliseconds per function process; a cloud that takes longer is killed. */
const CLOSE_TIMEOUT_MS = 10_000;

/** The cloud in a process of its own, as in real life: its work does not share a thread with the demo's. */
export class CloudChild {
  /** Where the file is that says where the cloud is; gone when the cloud has ended. */
  readonly folder: string;
  readonly cloud: CloudFile;
  /** Rejects when the cloud ends before it was asked to. */
  readonly lost: Promise<never>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, folder: string, cloud: CloudFile) {
    this.#child = child;
    this.folder = folder;
    this.cloud = cloud;
    this.lost = once(child, 'exit').then(([code, signal]) => {
      throw endedFault(code, signal);
    });
    // Only the demo's own waiting makes it a fault: after `close` nobody listens any more.
    this.lost.catch(() => undefined);
  }

  /** Starts the program again in the role of the cloud. Throws CLI-0007 when it does not come up. */
  static async start(program: string): Promise<CloudChild> {
    const child = fork(program, [CLOUD_ROLE], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const news = await nextNews(child);
    if (news.tell === 'ready') return new CloudChild(child, news.folder, news.cloud);
    const why = news.tell === 'failed' ? news.why : 'it answered out of turn';
    throw new SyncError('CLI-0007', 'transient', `the local cloud did not start: ${why}`);
  }

  /** Process ids of the workers that execute something at this moment. */
  async busyWorkers(): Promise<readonly number[]> {
    const answer = nextNews(this.#child);
    this.#say({ ask: 'workers' });
    const news = await answer;
    return news.tell === 'workers' ? news.pids : [];
  }

  /** Ends the cloud with all of its functions; resolves when its process and its folder are gone. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
      this.#say({ ask: 'close' });
      await exit;
      clearTimeout(timer);
    }
    // Only a killed cloud has left it behind.
    await rm(this.folder, { recursive: true, force: true });
  }

  #say(request: CloudRequest): void {
    this.#child.send(request, () => {
      // A failed write means that the process has ended; its exit tells whoever waits.
    });
  }
}

/** The next message. One question is open at a time, so the next message is its answer. */
function nextNews(child: ChildProcess): Promise<CloudNews> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      act();
    };
    const onMessage = (news: CloudNews): void => settle(() => resolve(news));
    const onExit = (code: number | null, signal: string | null): void =>
      settle(() => reject(endedFault(code, signal)));
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

const endedFault = (code: number | null, signal: string | null): SyncError =>
  new SyncError('CLI-0007', 'transient', `the local cloud ended by ${signal ?? `exit ${code}`}`);
