// The databases that tests run on, and the programs that benches compare with, come from Debian packages: installed when
// they are missing, as root or through sudo without a password. Without the right to install, one line says what to run.
// Plain JavaScript, no imports outside Node, so that it runs on a fresh checkout.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const POSTGRESQL_FOLDER = '/usr/lib/postgresql';

const onPath = (name) =>
  [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin']
    .filter((folder) => folder !== '')
    .some((folder) => existsSync(path.join(folder, name)));

const hasPostgresql = () =>
  existsSync(POSTGRESQL_FOLDER) &&
  readdirSync(POSTGRESQL_FOLDER).some((version) =>
    existsSync(path.join(POSTGRESQL_FOLDER, version, 'bin/initdb')),
  );

/** Packages by name, and what tells that they are there. */
const PRESENT = {
  'mariadb-server': () => onPath('mariadbd') && onPath('mariadb-install-db'),
  postgresql: hasPostgresql,
  openssl: () => onPath('openssl'),
  mydumper: () => onPath('mydumper'),
  pgloader: () => onPath('pgloader'),
};

/** What the tests run on. */
const SERVERS = ['mariadb-server', 'postgresql', 'openssl'];

/** Those of the packages that are not there. */
export const missingPrograms = (packages) => packages.filter((name) => !PRESENT[name]());

/** Names of the packages of the tests that are not there. */
export const missingPackages = () => missingPrograms(SERVERS);

/** Installs what the tests lack. */
export const installServerPackages = () => installPackages(SERVERS, 'The tests need');

/** Installs what is missing. Returns undefined when all is there, or one line that says what a person has to do. */
export function installPackages(wanted, who) {
  const missing = missingPrograms(wanted);
  if (missing.length === 0) return undefined;
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const advice = `${who} ${missing.join(' and ')}; run: sudo apt-get update && sudo ${install}`;
  const prefix = installPrefix();
  if (prefix === undefined) return advice;
  console.error(`Installing ${missing.join(', ')} (${[...prefix, 'apt-get'].join(' ')}), once per machine …`);
  // A package that starts its server would take the port of a service that this machine may have.
  const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, ...quiet, 'apt-get', '-q', ...args];
    return spawnSync(command, rest, { stdio: ['ignore', 2, 2] }).status === 0;
  };
  const done = () => missingPrograms(wanted).length === 0;
  const packages = ['install', '-y', '--no-install-recommends', ...missing];
  if (apt(...packages) && done()) return undefined;
  if (apt('update') && apt(...packages) && done()) return undefined;
  return advice;
}

/** How to become root: not at all, through sudo, or undefined if there is no way. */
function installPrefix() {
  if (!onPath('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}
