/**
 * Which process is at the other end of a loopback connection. The kernel knows, so nobody has to be told:
 *
 *   /proc/net/tcp      … local_address rem_address … inode     hex, one line per socket
 *   /proc/{pid}/fd/*   → socket:[inode]
 *
 * Source: proc(5). Linux only.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A descriptor of a process that was found to be the socket. */
interface Owner {
  readonly pid: number;
  readonly descriptor: string;
  readonly link: string;
}

/** Field of a line of `/proc/net/tcp`, split at white space, from the local address on. */
const INODE = 8;

/** Finds the owners of connections; remembers each as long as its descriptor is the same socket. */
export class SocketOwners {
  readonly #known = new Map<string, Owner>();

  constructor() {
    if (process.platform !== 'linux') throw new Error('telling callers apart needs the /proc of Linux');
  }

  /** The one of `pids` that is connected from `peerPort` to `serverPort`; `undefined` when it is none of them. */
  pidOf(pids: readonly number[], serverPort: number, peerPort: number): number | undefined {
    const name = `${peerPort}>${serverPort}`;
    const known = this.#known.get(name);
    // A socket's number is not used again while it is open, and its ports are its own for as long.
    if (known && linkOf(known.descriptor) === known.link) return known.pid;
    const inode = inodeOf(serverPort, peerPort);
    const owner = inode === undefined ? undefined : findOwner(pids, `socket:[${inode}]`);
    if (owner) this.#known.set(name, owner);
    else this.#known.delete(name);
    return owner?.pid;
  }
}

/** Loopback as the kernel writes it, and a port: four hex digits. */
const address = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;

function inodeOf(serverPort: number, peerPort: number): string | undefined {
  const lines = readFileSync('/proc/net/tcp', 'latin1');
  const at = lines.indexOf(`${address(peerPort)} ${address(serverPort)} `);
  if (at < 0) return undefined;
  return lines.slice(at, lines.indexOf('\n', at)).split(/\s+/)[INODE];
}

function findOwner(pids: readonly number[], link: string): Owner | undefined {
  for (const pid of pids) {
    for (const descriptor of descriptorsOf(pid)) {
      if (linkOf(descriptor) === link) return { pid, descriptor, link };
    }
  }
  return undefined;
}

/** A process may end at any moment: then it has no descriptors. */
function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** What a descriptor is, or `undefined` once it is closed. */
function linkOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(descriptor);
  } catch {
    return undefined;
  }
}
