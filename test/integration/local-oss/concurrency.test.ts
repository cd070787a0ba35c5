import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OssService } from '../../../infra/local/oss/index.ts';
import { clientOf, pattern, raw, startService } from './fixture.ts';

let service: OssService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const KIB = 1024;
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();

async function startUpload(key: string, part: Buffer): Promise<{ uploadId: string; list: string }> {
  const client = clientOf(service);
  const { uploadId } = await client.initMultipartUpload(key);
  const { etag } = await client.uploadPart(key, uploadId, 1, part, 0, part.length);
  const entry = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
  return { uploadId, list: `<CompleteMultipartUpload>${entry}</CompleteMultipartUpload>` };
}

describe('at the same time', () => {
  it('one of two completions of an upload wins', async () => {
    const { uploadId, list } = await startUpload('twice', Buffer.from('x'));
    const complete = () => raw(service, { method: 'POST', key: 'twice', sub: { uploadId }, body: list });
    expect(statuses(await Promise.all([complete(), complete(), complete()]))).toEqual([200, 404, 404]);
  });

  it('one of many guarded puts wins, and its content stays', async () => {
    const contents = Array.from({ length: 8 }, (_, i) => `writer ${i}`);
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const answers = await Promise.all(
      contents.map((body) => raw(service, { method: 'PUT', key: 'guarded', body, headers })),
    );
    expect(statuses(answers)).toEqual([200, ...Array<number>(7).fill(409)]);
    const winner = contents[answers.findIndex(({ status }) => status === 200)];
    expect((await raw(service, { key: 'guarded' })).body.toString()).toBe(winner);
  });

  it('one of two guarded completions over different uploads wins', async () => {
    const uploads = await Promise.all(['a', 'b'].map((text) => startUpload('race', Buffer.from(text))));
    const headers = { 'x-oss-forbid-overwrite': 'true' };
    const answers = await Promise.all(
      uploads.map(({ uploadId, list }) =>
        raw(service, { method: 'POST', key: 'race', sub: { uploadId }, body: list, headers }),
      ),
    );
    expect(statuses(answers)).toEqual([200, 409]);
  });

  it('one of many appends at a position wins', async () => {
    const append = (body: string) =>
      raw(service, { method: 'POST', key: 'log', sub: { append: '', position: '0' }, body });
    const answers = await Promise.all(['aa', 'bb', 'cc'].map(append));
    expect(statuses(answers)).toEqual([200, 409, 409]);
    expect((await raw(service, { key: 'log' })).body).toHaveLength(2);
  });

  it('readers see whole objects only', async () => {
    const contents = [pattern(400 * KIB, 1), pattern(700 * KIB, 2)];
    await raw(service, { method: 'PUT', key: 'flip', body: contents[0]! });
    let writing = true;
    const writer = (async () => {
      for (let i = 0; i < 20; i += 1)
        await raw(service, { method: 'PUT', key: 'flip', body: contents[i % 2]! });
      writing = false;
    })();
    let reads = 0;
    while (writing) {
      const { body } = await raw(service, { key: 'flip' });
      expect(contents.some((content) => content.equals(body))).toBe(true);
      reads += 1;
    }
    await writer;
    expect(reads).toBeGreaterThan(0);
  });

  it('a part that arrives after the completion is refused and changes nothing', async () => {
    const part = pattern(100 * KIB, 5);
    const { uploadId, list } = await startUpload('late', part);
    const [complete, ...late] = await Promise.all([
      raw(service, { method: 'POST', key: 'late', sub: { uploadId }, body: list }),
      ...Array.from({ length: 4 }, (_, i) =>
        raw(service, {
          method: 'PUT',
          key: 'late',
          sub: { partNumber: String(i + 2), uploadId },
          body: part,
        }),
      ),
    ]);
    expect(complete!.status).toBe(200);
    for (const answer of late) expect([200, 404]).toContain(answer.status);
    expect((await raw(service, { key: 'late' })).body.equals(part)).toBe(true);
  });
});
