import { installPackages, missingPrograms } from '../infra/scripts/server-packages.mjs';

/** Programs that a bench compares with, by the Debian package that has them. */
export type Peer = 'mydumper' | 'pgloader';

/** Something that a bench cannot do without is missing and cannot be installed; the message says what to run. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError';
}

/** Installs the databases if they are missing. @throws MissingProgramError */
export function requireServers(): void {
  const advice = installPackages(['mariadb-server', 'postgresql', 'openssl'], 'This bench needs');
  if (advice !== undefined) throw new MissingProgramError(advice);
}

/** Installs a peer if it is missing; says through `leaveOut` what is left out if it cannot. */
export function hasPeer(peer: Peer, what: string, leaveOut: (line: string) => void): boolean {
  const advice = installPackages([peer], `${what} needs`);
  if (advice !== undefined) leaveOut(advice);
  return missingPrograms([peer]).length === 0;
}
