/** Brings the four functions into the local Function Compute, with the project as they are to see it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { type Project, packProjectText } from '../core/job/index.ts';
import { type DeployModel, readDeployModel } from '../infra/deploy/model.ts';
import { provision } from '../infra/deploy/provision.ts';
import { type CloudFile, writeCloudFile } from './cloud-file.ts';
import type { CommandContext } from './context.ts';
import { programRoot } from './files.ts';
import { functionPackages } from './function-packages.ts';
import { LOCAL_KEY_ID_VARIABLE, LOCAL_KEY_SECRET_VARIABLE } from './redirect.ts';

/** What the functions are deployed with, as one text: a different one asks for another deployment. */
export const deploymentHash = (project: Project): string =>
  createHash('sha256').update(JSON.stringify(project)).digest('hex').slice(0, 16);

/** Name of the service in serverless.yml. */
export const readLocalModel = (): Promise<DeployModel> =>
  readDeployModel(path.join(programRoot(), 'serverless.yml'));

/** Creates or updates the functions. `project` must be redirected to the cloud already. */
export async function deployLocally(cloud: CloudFile, project: Project, model: DeployModel): Promise<void> {
  const target = {
    endpoint: cloud.endpoints.fc,
    accountId: cloud.accountId,
    accessKeyId: cloud.accessKeyId,
    accessKeySecret: cloud.accessKeySecret,
    region: cloud.region,
  };
  const environment = {
    MILLRACE_PROJECT: packProjectText(JSON.stringify(project)),
    [LOCAL_KEY_ID_VARIABLE]: cloud.accessKeyId,
    [LOCAL_KEY_SECRET_VARIABLE]: cloud.accessKeySecret,
  };
  await provision(model, await functionPackages(model), target, environment);
}

/** Deploys again when the functions know another project than the present one. */
export async function deployIfChanged(
  context: CommandContext,
  cloudFile: string,
  cloud: CloudFile,
  project: Project,
): Promise<void> {
  const deployed = deploymentHash(project);
  if (cloud.deployed === deployed) return;
  context.out.note('The project differs from the one that the local functions know: deploying them again …');
  await deployLocally(cloud, project, await readLocalModel());
  await writeCloudFile(cloudFile, { ...cloud, deployed });
}
