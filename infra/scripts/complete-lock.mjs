// Adds to package-lock.json the optional platform packages that the registry in use does not serve and npm therefore
// leaves out: without an entry for each, `npm ci` calls the lock file out of date. Run it after `npm install`.
// Usage: node infra/scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const SYSTEMS = ['darwin', 'linux', 'win32', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'android'];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];
for (const owner of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const entry = lock.packages[key] ? undefined : platformEntry(name, version, owner);
    if (!entry) continue;
    lock.packages[key] = entry;
    added.push(name);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? 'nothing was missing' : `added ${added.join(', ')}`);

/** What npm would have written, as far as the name of the package tells; undefined if it is of no platform. */
function platformEntry(name, version, owner) {
  const words = name.split('/').at(-1).split('-');
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length === 0 || cpu.length === 0 || /[^\d.\-a-z]/i.test(version)) return undefined;
  const dev = owner.dev ? { dev: true } : {};
  const libc = words.includes('musl') ? { libc: ['musl'] } : {};
  return { version, cpu, ...dev, ...libc, optional: true, os };
}
