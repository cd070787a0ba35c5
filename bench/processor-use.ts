/** Who uses the processors: the machine as a whole, and trees of processes, by the kernel's own counters. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the counters per second (USER_HZ), the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const MS_PER_TICK = 1000 / TICKS_PER_SECOND;
const KIB_PER_MIB = 1024;
const PROBE_MS = 1_500;

/** Times of the machine since its start, milliseconds, all processors together. */
export interface MachineTime {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal. */
export function machineTime(): MachineTime {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, one) => sum + one, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyMs: (total - idle) * MS_PER_TICK, totalMs: total * MS_PER_TICK };
}

/** Share of the processors that are in use while this process waits: what others use. */
export async function foreignLoad(): Promise<number> {
  const before = machineTime();
  await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
  const after = machineTime();
  return (after.busyMs - before.busyMs) / Math.max(1, after.totalMs - before.totalMs);
}

/** A process by its /proc entry; `undefined` once it is gone. */
interface ProcessEntry {
  readonly parent: number;
  /** User and system time of itself, and of its children that have ended. */
  readonly ms: number;
  readonly endedChildrenMs: number;
}

/** Fields of /proc/PID/stat after the name, which may hold anything, in parentheses. */
function processEntry(pid: number): ProcessEntry | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [parent = 0, user = 0, system = 0, childUser = 0, childSystem = 0] = [1, 11, 12, 13, 14].map((i) =>
      Number(fields[i]),
    );
    return {
      parent,
      ms: (user + system) * MS_PER_TICK,
      endedChildrenMs: (childUser + childSystem) * MS_PER_TICK,
    };
  } catch {
    return undefined;
  }
}

/** What the first thread of a process started and still runs: cheap enough to ask often. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** A process and all that descend from it. */
function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? processEntry(pid)?.parent : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Processor time of a server with its processes, also those that have ended, milliseconds. */
export function treeTimeMs(root: number): number {
  return processTree(root)
    .map(processEntry)
    .reduce((sum, entry) => sum + (entry ? entry.ms + entry.endedChildrenMs : 0), 0);
}

/** Highest resident set of a process so far, MiB (VmHWM); `undefined` once it is gone. */
export function peakMiB(pid: number | 'self'): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return found ? Number(found[1]) / KIB_PER_MIB : undefined;
  } catch {
    return undefined;
  }
}
