import type OSS from 'ali-oss';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { ProvisionOverrides } from '../../infra/deploy/provision.ts';
import { CloudChild } from './cloud-child.ts';
import { Deployment } from './deployment.ts';
import { bucketClient } from './export-check.ts';
import { createSource } from './export-job.ts';

/** A cloud of its own process with the functions deployed and the table `everything` loaded. */
export interface ExportCloud {
  readonly cloud: CloudChild;
  readonly deployment: Deployment;
  readonly oss: OSS;
}

/** Starts one for the tests of a file and ends it after them; prints the functions' logs when a test failed. */
export function exportCloud(rows: number, overrides: ProvisionOverrides = {}): ExportCloud {
  const started: { cloud?: CloudChild; deployment?: Deployment; oss?: OSS } = {};
  beforeAll(async () => {
    const cloud = await CloudChild.start();
    started.cloud = cloud;
    started.deployment = await Deployment.create(cloud.address, overrides);
    started.oss = bucketClient({ ...cloud.address, endpoint: cloud.address.oss, bucket: 'exports' });
    await createSource(cloud.address, 'everything');
    await cloud.ask({ do: 'load', table: 'everything', from: 0, to: rows });
  });
  afterEach(async ({ task }) => {
    await started.cloud?.ask({ do: 'deliver', rule: 'all' });
    await started.cloud?.ask({ do: 'faults', specs: [] });
    if (task.result?.state === 'fail') console.error(await started.cloud?.logs());
  });
  afterAll(async () => {
    started.deployment?.close();
    await started.cloud?.close();
  });
  const get = <K extends keyof ExportCloud>(name: K): ExportCloud[K] => {
    const value = started[name];
    if (!value) throw new Error('the cloud is not started yet');
    return value as ExportCloud[K];
  };
  return {
    get cloud() {
      return get('cloud');
    },
    get deployment() {
      return get('deployment');
    },
    get oss() {
      return get('oss');
    },
  };
}
