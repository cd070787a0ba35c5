/** Reads the resident set of processes: `/proc` on Linux, one `ps` call elsewhere. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Second field of `/proc/{pid}/statm` counts pages of this size on the platforms Node 20 supports. */
const PAGE_BYTES = 4_096;

function residentFromProc(pid: number): number | undefined {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined;
  } catch {
    return undefined; // the process ended between the listing and this read
  }
}

function residentFromPs(pids: readonly number[]): Promise<Map<number, number>> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')], (_error, stdout) => {
      const found = new Map<number, number>();
      for (const line of stdout.split('\n')) {
        const [pid, kilobytes] = line.trim().split(/\s+/).map(Number);
        if (pid && kilobytes) found.set(pid, kilobytes * 1_024);
      }
      resolve(found);
    });
  });
}

/** Resident set of one process right now, where it can be read without waiting; else `undefined`. */
export const residentNow = (pid: number): number | undefined =>
  process.platform === 'linux' ? residentFromProc(pid) : undefined;

/** Resident set in bytes of each process that is still alive. */
export async function residentBytes(pids: readonly number[]): Promise<Map<number, number>> {
  if (pids.length === 0) return new Map();
  if (process.platform !== 'linux') return residentFromPs(pids);
  const found = new Map<number, number>();
  for (const pid of pids) {
    const bytes = residentFromProc(pid);
    if (bytes !== undefined) found.set(pid, bytes);
  }
  return found;
}
