/** The local cloud as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SyncError } from '../../core/errors/index.ts';
import { type CloudFile, isAlive, readCloudFile } from '../cloud-file.ts';
import { type CloudPlace, type CloudUpOptions, cloudLines, tryLines, withoutKeys } from '../cloud-place.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { displayName } from '../files.ts';

const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Starts the cloud detached and resolves when it answers. Its output goes to `.millrace/cloud.log`. */
export async function detachCloud(
  context: CommandContext,
  place: CloudPlace,
  options: CloudUpOptions,
): Promise<Outcome> {
  const log = path.join(path.dirname(place.file), 'cloud.log');
  await mkdir(path.dirname(log), { recursive: true });
  const output = await open(log, 'w', 0o600);
  const [program = '', ...fixed] = context.io.self;
  const child = spawn(program, [...fixed, ...argumentsOf(context, options)], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    cwd: context.io.cwd,
    env: { ...context.io.env } as NodeJS.ProcessEnv,
  });
  const ended = new Promise<'ended'>((resolve) => {
    child.once('error', () => resolve('ended'));
    child.once('exit', () => resolve('ended'));
  });
  await output.close();
  const cloud = await Promise.race([untilAlive(context, place.file, child.pid), ended]);
  child.unref();
  if (cloud === 'ended' || !cloud) throw await startFault(log, displayName(log, context.io.cwd));
  for (const line of cloudLines(cloud, place.file, context.io.cwd)) context.out.line(line);
  for (const line of tryLines(context.io.cwd)) context.out.line(line);
  context.out.line(`It runs as process ${cloud.pid}; \`millrace cloud down\` ends it.`);
  return succeeded(withoutKeys(cloud));
}

function argumentsOf({ options: globals }: CommandContext, options: CloudUpOptions): readonly string[] {
  return [
    'cloud',
    'up',
    ...(globals.project === undefined ? [] : ['--project', globals.project]),
    ...(options.data === undefined ? [] : ['--data', options.data]),
    ...(options.fresh ? ['--fresh'] : []),
    ...(options.portBase === undefined ? [] : ['--port-base', options.portBase]),
    ...(options.faults ?? []).flatMap((spec) => ['--faults', spec]),
    ...(options.faultsLog === undefined ? [] : ['--faults-log', options.faultsLog]),
  ];
}

async function untilAlive(
  context: CommandContext,
  file: string,
  pid: number | undefined,
): Promise<CloudFile | undefined> {
  const deadlineMs = context.clock.monotonicMs() + START_TIMEOUT_MS;
  while (context.clock.monotonicMs() < deadlineMs) {
    const cloud = await readCloudFile(file);
    if (cloud?.pid === pid && cloud && (await isAlive(cloud))) return cloud;
    await context.clock.sleep(POLL_MS);
  }
  return undefined;
}

async function startFault(log: string, name: string): Promise<SyncError> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n');
  const why = lines.find((line) => line.startsWith('error')) ?? lines.at(-1) ?? 'no output';
  return new SyncError('CLI-0007', 'transient', `the local cloud did not start (see ${name}): ${why}`);
}
