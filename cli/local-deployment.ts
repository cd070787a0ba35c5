/** Brings the four functions into the local Function Compute, with the project as they are to see it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SyncError } from '../core/errors/index.ts';
import type { Project } from '../core/job/index.ts';
import { type DeployModel, readDeployModel } from '../infra/deploy/model.ts';
import { type CodePackages, provision } from '../infra/deploy/provision.ts';
import { type CloudFile, writeCloudFile } from './cloud-file.ts';
import type { CommandContext } from './context.ts';
import { programRoot } from './files.ts';
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
    MILLRACE_PROJECT: JSON.stringify(project),
    [LOCAL_KEY_ID_VARIABLE]: cloud.accessKeyId,
    [LOCAL_KEY_SECRET_VARIABLE]: cloud.accessKeySecret,
  };
  await provision(model, await codePackages(model), target, environment);
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

/** Bundled from their sources in a checkout, else as they were packed with the program. */
async function codePackages(model: DeployModel): Promise<CodePackages> {
  const root = programRoot();
  if (existsSync(path.join(root, 'functions'))) {
    const { bundleFunctions } = await import('../infra/deploy/bundle.ts');
    const bundles = await bundleFunctions(model, { root });
    return new Map(bundles.map(({ name, zip }) => [name, zip]));
  }
  const packed = model.functions.map(async ({ name }) => [name, await packedZip(root, name)] as const);
  return new Map(await Promise.all(packed));
}

async function packedZip(root: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(path.join(root, 'dist/functions', `${name}.zip`));
  } catch (error) {
    throw new SyncError(
      'CLI-0007',
      'config',
      `the package of the function ${name} is missing: run npm run bundle`,
      {},
      { cause: error },
    );
  }
}
