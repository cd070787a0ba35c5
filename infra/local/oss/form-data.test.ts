import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, readForm } from './form-data.ts';

async function* inChunks(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

function encode(fields: Readonly<Record<string, string>>, file: Buffer, boundary: string): Buffer {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n`;
  return Buffer.concat([Buffer.from(parts.join('') + head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]);
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const boundary = boundaryOf('multipart/form-data; boundary=xyz');

describe('readForm', () => {
  it('gives fields and file, however the body is cut', async () => {
    const bytes = fc.array(fc.constantFrom('\r', '\n', '-', 'x', 'y', 'z', 'é')).map((all) => all.join(''));
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.integer({ min: 1, max: 40 }), async (value, text, size) => {
        fc.pre(!`${value}\r\n${text}`.includes('\r\n--xyz'));
        const file = Buffer.from(text);
        const form = await readForm(inChunks(encode({ Key: 'k', v: value }, file, 'xyz'), size), boundary);
        expect(Object.fromEntries(form.fields)).toEqual({ key: 'k', v: value });
        expect(form.fileName).toBe('f.txt');
        expect((await collect(form.file)).equals(file)).toBe(true);
      }),
    );
  });

  it.each([
    ['', 'InvalidArgument'],
    ['--xyz--\r\n', 'IncorrectNumberOfFilesInPOSTRequest'],
    ['--xyzz', 'InvalidArgument'],
    ['--xyz\r\nX: y\r\n\r\n1\r\n--xyz--', 'InvalidArgument'],
    ['--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', 'InvalidArgument'],
    [`--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'1'.repeat(70_000)}`, 'InvalidArgument'],
    [encode({ a: '1', A: '2' }, Buffer.alloc(0), 'xyz').toString(), 'InvalidArgument'],
  ])('refuses %j', async (body, code) => {
    await expect(readForm(inChunks(Buffer.from(body), 4096), boundary)).rejects.toMatchObject({ code });
  });

  it('ends with an error when the file is cut off', async () => {
    const body = encode({}, Buffer.from('content'), 'xyz').subarray(0, -8);
    const form = await readForm(inChunks(body, 10), boundary);
    await expect(collect(form.file)).rejects.toMatchObject({ code: 'InvalidArgument' });
  });

  it('reads quoted boundaries and refuses none', () => {
    expect(boundaryOf('multipart/form-data; charset=utf-8; boundary="a b"').toString()).toBe('\r\n--a b');
    expect(() => boundaryOf('multipart/form-data')).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });
});
