// The README's two commands set themselves up: dependencies are installed when they are missing or when the
// lock file changed, tests also get the database servers that they run on, then the command runs. Plain
// JavaScript without dependencies, so it runs on a fresh checkout. Usage: node infra/scripts/with-install.mjs demo|test [args].
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installServerPackages } from './server-packages.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const MINIMUM_NODE = [20, 11];
const STAMP = path.join(root, 'node_modules/.cache/millrace-install');

const STEPS = {
  demo: [['node', ['infra/scripts/run-ts.mjs', 'cli/demo/main.ts']]],
  test: [['npx', ['--no-install', 'vitest', 'run']]],
};

async function main([name, ...args]) {
  if (!STEPS[name]) fail('usage: node infra/scripts/with-install.mjs demo|test [args]', 2);
  checkNode();
  await installOnce();
  if (name === 'test') installServers(args);
  for (const [command, fixed] of STEPS[name]) await run(command, [...fixed, ...args]);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const old = major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1]);
  if (old) fail(`Node ${MINIMUM_NODE.join('.')} or later is needed; this is ${process.versions.node}.`, 2);
}

async function installOnce() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  console.error('Installing dependencies (npm ci), once per lock file …');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, wanted);
}

/** A test run that names what it runs may do without the servers; the tests that need them say so themselves. */
function installServers(args) {
  const advice = installServerPackages();
  if (advice === undefined) return;
  if (args.length === 0) fail(advice, 2);
  console.error(advice);
}

/** Waits for the command whatever signals come: it decides how it ends, and the prompt must not come back before. */
async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  const ignore = () => {}; // a terminal sends SIGINT to the command as well
  const forward = () => child.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', forward);
  const [status, signal] = await once(child, 'exit').catch((error) =>
    fail(`${command}: ${error.message}`, 1),
  );
  process.off('SIGINT', ignore).off('SIGTERM', forward);
  if (signal) fail(`${command} ended by ${signal}`, 1);
  if (status !== 0) process.exit(status);
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}

await main(process.argv.slice(2));
