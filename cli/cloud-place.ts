/** Where the local cloud of a project keeps its things, and how it is described. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type CloudFile, cloudFilePath, STATE_FOLDER } from './cloud-file.ts';
import type { CommandContext } from './context.ts';
import { displayName } from './files.ts';
import { findProjectFile } from './project.ts';
import { formatPairs } from './table.ts';

/** Options of `cloud up`. */
export interface CloudUpOptions {
  readonly data?: string;
  readonly detach?: boolean;
  readonly fresh?: boolean;
  readonly portBase?: string;
  /** Profiles of seeded faults. */
  readonly faults?: readonly string[];
  readonly faultsLog?: string;
}

/** Where a cloud keeps its things. */
export interface CloudPlace {
  /** Folder of the project, or the current one without a project. */
  readonly folder: string;
  readonly file: string;
  readonly dataDir: string;
  readonly projectFile: string | undefined;
}

/** The place of the cloud of this project or folder. */
export function cloudPlace(context: CommandContext, data?: string): CloudPlace {
  const projectFile = findProjectFile(context);
  const folder = projectFile === undefined ? context.io.cwd : path.dirname(projectFile);
  const dataDir =
    data === undefined ? path.join(folder, STATE_FOLDER, 'data') : path.resolve(context.io.cwd, data);
  return { folder, file: cloudFilePath(folder), dataDir, projectFile };
}

/** What a person needs to know of a running cloud; names of files as seen from `cwd`. */
export function cloudLines(cloud: CloudFile, cloudFile: string, cwd: string): readonly string[] {
  const name = (file: string): string => displayName(file, cwd);
  const faults = cloud.faults?.specs.map((spec): [string, string] => ['faults', spec]) ?? [];
  return [
    'The local cloud is running.',
    ...formatPairs([
      ['Tablestore', cloud.endpoints.ots],
      ['OSS', cloud.endpoints.oss],
      ['Function Compute', `${cloud.endpoints.fc}, service ${cloud.service}`],
      ['keys', `in ${name(cloudFile)}`],
      ['data', name(cloud.dataDir)],
      ...faults,
      ...(cloud.faults ? [['recorded', name(cloud.faults.log)] as [string, string]] : []),
    ]),
  ];
}

/** For output: endpoints without the key pair. */
export function withoutKeys(cloud: CloudFile): Readonly<Record<string, unknown>> {
  const { accessKeyId: _id, accessKeySecret: _secret, ...rest } = cloud;
  return rest;
}

/** What to try with a cloud that has just been started. */
export function tryLines(cwd: string): readonly string[] {
  const example = 'examples/orders/measure.json';
  const job = existsSync(path.join(cwd, example)) ? example : 'JOB';
  return ['Try:', `  millrace --local run ${job}`, '  millrace --local show last'];
}
