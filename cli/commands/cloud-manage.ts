/** `millrace cloud status`, `down` and `reset` */
import { existsSync } from 'node:fs';
import { SyncError } from '../../core/errors/index.ts';
import { removeCloudData } from '../cloud-data.ts';
import {
  type CloudFile,
  findCloudFile,
  isAlive,
  processExists,
  readCloudFile,
  removeCloudFile,
  requireCloud,
} from '../cloud-file.ts';
import { cloudLines, cloudPlace, withoutKeys } from '../cloud-place.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { displayName } from '../files.ts';
import { formatDuration } from '../quantity.ts';

/** Tells whether the local cloud of this folder answers. */
export async function cloudStatusCommand(context: CommandContext): Promise<Outcome> {
  const { file, cloud } = await requireCloud(foldersOf(context));
  const { io, out, clock } = context;
  for (const line of cloudLines(cloud, file, io.cwd)) out.line(line);
  out.line(`Process ${cloud.pid}, since ${formatDuration(clock.nowMs() - cloud.startedMs)}.`);
  return succeeded({ alive: true, ...withoutKeys(cloud) });
}

const foldersOf = (context: CommandContext): readonly string[] => [
  context.io.cwd,
  cloudPlace(context).folder,
];

/** Ends the local cloud; its data stay. */
export async function cloudDownCommand(context: CommandContext): Promise<Outcome> {
  const ended = await endCloud(context);
  context.out.line(
    ended
      ? `The local cloud (process ${ended.pid}) has ended; its data stay.`
      : 'No local cloud was running.',
  );
  return succeeded({ ended: ended !== undefined, ...(ended ? { pid: ended.pid } : {}) });
}

/** Ends the local cloud and removes its data. */
export async function cloudResetCommand(
  context: CommandContext,
  options: { data?: string },
): Promise<Outcome> {
  const ended = await endCloud(context);
  const dataDir =
    options.data === undefined && ended ? ended.dataDir : cloudPlace(context, options.data).dataDir;
  const existed = await removeCloudData(dataDir);
  const what = existed ? `Removed ${displayName(dataDir, context.io.cwd)}.` : 'There were no data.';
  context.out.line(
    `${ended ? 'The local cloud has ended. ' : ''}${what} Start an empty one with \`millrace cloud up\`.`,
  );
  return succeeded({ ended: ended !== undefined, dataDir, removed: existed });
}

const END_TIMEOUT_MS = 30_000;
const POLL_MS = 50;

/** Asks the process to end, only after it answered as a local cloud: its id might be another program's by now. */
async function endCloud(context: CommandContext): Promise<CloudFile | undefined> {
  const file = findCloudFile(foldersOf(context));
  const cloud = file === undefined ? undefined : await readCloudFile(file);
  if (file === undefined || !cloud) return undefined;
  if (!(await isAlive(cloud))) {
    await removeCloudFile(file);
    return undefined;
  }
  process.kill(cloud.pid, 'SIGTERM');
  const deadlineMs = context.clock.monotonicMs() + END_TIMEOUT_MS;
  while (processExists(cloud.pid) && existsSync(file)) {
    if (context.clock.monotonicMs() > deadlineMs) {
      throw new SyncError(
        'CLI-0007',
        'transient',
        `process ${cloud.pid} did not end within ${END_TIMEOUT_MS / 1_000} s`,
      );
    }
    await context.clock.sleep(POLL_MS);
  }
  return cloud;
}
