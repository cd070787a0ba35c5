import { describe, expect, it } from 'vitest';
import type { Writer } from '../../../core/connectors/contract.ts';
import { oss } from '../../../core/connectors/oss/index.ts';
import { silentLogger, systemClock, systemRandom } from '../../../core/ports/system.ts';
import type { Column } from '../../../core/types/index.ts';

const open = (params: Record<string, unknown>): Writer => {
  const parsed = oss.writer!.schema.parse({
    endpoint: 'http://localhost:1',
    bucket: 'bucket-a',
    accessId: 'id',
    accessKey: 'secret',
    object: 'd/part',
    writeMode: 'append',
    ...params,
  });
  const signal = new AbortController().signal;
  return oss.writer!.open(parsed, {
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    timeZone: 'UTC',
    signal,
  });
};

const columns: readonly Column[] = (['long', 'bytes', 'date', 'time', 'datetime', 'string'] as const).map(
  (type) => ({
    name: `a ${type}`,
    type,
  }),
);

describe('describe', () => {
  it('needs no connection and names the place', async () => {
    const { location, columns: stored, notes } = await open({}).describe(columns);
    expect(location).toBe('oss://bucket-a/d/part');
    expect(stored.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
    expect(stored.some(({ lossy }) => lossy)).toBe(false);
    expect(notes.map(({ message }) => message).join()).toMatch(/escapes nothing/);
  });

  it.each([
    ['yyyyMMdd', [undefined, /parts of a time/, /parts of a datetime/]],
    ['HHmmss', [/parts of a date/, /fractions/, /parts of a datetime/]],
    ['yyyy-MM-dd HH:mm:ss', [undefined, /fractions/, /fractions/]],
    ['yyyy-MM-dd HH:mm:ss.SSS', [undefined, /beyond milliseconds/, /beyond milliseconds/]],
  ])('flags what dateFormat %s loses of dates, times and datetimes', async (dateFormat, losses) => {
    const { columns: stored } = await open({ dateFormat }).describe(columns);
    for (const [i, loss] of losses.entries()) {
      expect(stored[2 + i]!.lossy).toBe(loss !== undefined);
      if (loss) expect(stored[2 + i]!.note).toMatch(loss);
    }
    expect(stored[0]!.lossy).toBe(false);
  });

  it('warns of what may surprise', async () => {
    const one = await open({ header: ['a', 'b'], nullFormat: '', writeMode: 'truncate' }).describe(
      columns.slice(0, 1),
    );
    const warnings = one.notes.filter(({ level }) => level === 'warning').map(({ message }) => message);
    expect(warnings).toEqual([expect.stringMatching(/2 names for 1/), expect.stringMatching(/empty line/)]);
    expect(one.notes.map(({ message }) => message).join()).toMatch(/older object.*d\/part.*deleted/);
  });

  it('shows base64 for bytes', async () => {
    const { columns: stored } = await open({ byteEncoding: 'base64' }).describe(columns);
    expect(stored[1]).toEqual({ name: 'a bytes', type: 'base64 text', lossy: false });
  });
});
