/** What a run in the local cloud needs before it starts. */
import type { JobModel } from '../core/job/index.ts';
import { type CloudFile, writeCloudFile } from './cloud-file.ts';
import type { CommandContext } from './context.ts';
import { bucketsOf, redirectJob } from './redirect.ts';
import type { Place, Session } from './session.ts';

/** The job as it runs here: with `--local`, connections that it holds itself lead to the local cloud. */
export const redirected = (session: Session, job: JobModel): JobModel =>
  session.loaded.cloud ? redirectJob(job, session.loaded.cloud) : job;

/** Creates missing buckets, and brings the local functions to the present project. Nothing without `--local`. */
export async function prepareLocal(
  context: CommandContext,
  session: Session,
  place: Place,
  job: JobModel,
): Promise<void> {
  const { cloud, cloudFile, project, file } = session.loaded;
  if (!cloud || cloudFile === undefined) return;
  const entry: CloudFile = file === undefined ? cloud : { ...cloud, projectFile: file };
  if (entry.projectFile !== cloud.projectFile) await writeCloudFile(cloudFile, entry);
  const { ensureBuckets } = await import('./cloud-buckets.ts');
  await ensureBuckets(cloud, bucketsOf(project, [job]));
  if (place !== 'functions') return;
  const { deployIfChanged } = await import('./local-deployment.ts');
  await deployIfChanged(context, cloudFile, entry, project);
}
