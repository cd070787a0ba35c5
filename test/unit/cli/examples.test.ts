import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli } from './captured-io.ts';

const jobsIn = (folder: string): string[] =>
  readdirSync(path.resolve('examples', folder)).filter(
    (name) => name.endsWith('.json') && name !== 'millrace.json',
  );
const jobs = jobsIn('orders');

const validate = async (name: string, folder = 'orders') => {
  const { code, out, err } = await cli(['validate', name, '--json', '--bizdate', '20250315'], {
    cwd: path.resolve('examples', folder),
  });
  return { code, err, data: JSON.parse(out) };
};

describe('examples', () => {
  test('there are the three dialects and one to measure with', () => {
    expect(jobs.toSorted()).toEqual([
      'measure.json',
      'orders-to-oss.datax.json',
      'orders-to-oss.json',
      'orders-to-oss.v1.json',
    ]);
  });

  const all = ['orders', 'databases'].flatMap((folder) => jobsIn(folder).map((name) => [folder, name]));
  test.each(all)('%s/%s is valid without any doubt', async (folder, name) => {
    const { code, err, data } = await validate(name, folder);
    expect(err).toBe('');
    expect({ code, ...data }).toMatchObject({ code: 0, ok: true, valid: true, warnings: [] });
  });

  test('the three dialects say the same', async () => {
    const [v2, v1, datax] = await Promise.all(
      ['orders-to-oss.json', 'orders-to-oss.v1.json', 'orders-to-oss.datax.json'].map((name) =>
        validate(name),
      ),
    );
    const core = (data: {
      job: { reader: { params: object }; writer: { params: object }; setting: object };
    }) => {
      const drop = ['datasource', 'endpoint', 'instanceName', 'bucket', 'accessId', 'accessKey'];
      const rest = (params: object) =>
        Object.fromEntries(Object.entries(params).filter(([key]) => !drop.includes(key)));
      return [rest(data.job.reader.params), rest(data.job.writer.params), data.job.setting];
    };
    expect(core(v1?.data)).toEqual(core(v2?.data));
    expect(core(datax?.data)).toEqual(core(v2?.data));
    expect(v2?.data.job.writer.params.object).toBe('orders/dt=20250315/part');
  });
});
