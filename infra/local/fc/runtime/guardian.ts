/**
 * Ends the instances when the server itself is killed: a function that is in a busy loop cannot notice that
 * its IPC channel closed. A tiny shell reads the living process groups from a pipe; when the pipe closes
 * because the server is gone, it kills what is still on the list and removes the temporary folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const SCRIPT = [
  'alive=" "',
  'while read -r action pid; do',
  '  case "$action" in',
  '    +) alive="$alive$pid " ;;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the expansion belongs to the shell
  '    -) before="${alive%% $pid *}"; after="${alive#* $pid }"',
  '       [ "$before" != "$alive" ] && alive="$before $after" ;;',
  '  esac',
  'done',
  'for pid in $alive; do kill -9 -"$pid" 2>/dev/null; done',
  'rm -rf -- "$1"',
].join('\n');

/** Tracks process groups for as long as the server lives. */
export class Guardian {
  private readonly temporaryFolder: string;
  private shell: ChildProcess | undefined;

  constructor(temporaryFolder: string) {
    this.temporaryFolder = temporaryFolder;
    if (process.platform !== 'win32') this.start();
  }

  /** Registers the process group `pid`. */
  watch(pid: number): void {
    this.write(`+ ${pid}\n`);
  }

  /** Forgets the process group `pid`: its number may be reused. */
  forget(pid: number): void {
    this.write(`- ${pid}\n`);
  }

  /** Ends the guardian; groups still registered are killed by it. Resolves when it is gone. */
  close(): Promise<void> {
    const shell = this.shell;
    if (!shell?.stdin || shell.exitCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      shell.ref(); // nothing else may be left to keep the process waiting for the exit
      shell.once('exit', () => resolve());
      shell.stdin?.end();
    });
  }

  private write(line: string): void {
    if (this.shell?.stdin?.writable) this.shell.stdin.write(line);
  }

  private start(): void {
    // Its own process group: an interrupt from the terminal must not reach it.
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'guardian', this.temporaryFolder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Without a shell the instances still end by themselves when the IPC channel closes.
    shell.on('error', () => {
      this.shell = undefined;
    });
    shell.stdin?.on('error', () => {
      this.shell = undefined;
    });
    shell.unref();
    this.shell = shell;
  }
}
