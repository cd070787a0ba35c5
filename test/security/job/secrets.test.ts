// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the notation of references and variables
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveSecrets } from '../../../core/job/index.ts';
import { maskSecrets, redact } from '../../../core/security/redaction.ts';
import {
  fetchSecret,
  isPlaceKey,
  isReference,
  MASK,
  mentionsReference,
  parseReference,
  Secret,
} from '../../../core/security/secret.ts';

const env = (name: string): string => `\${env:${name}}`;
const file = (path: string): string => `\${file:${path}}`;

describe('a secret', () => {
  const secret = new Secret('hunter2');

  test('is shown only when revealed', () => {
    expect(secret.reveal()).toBe('hunter2');
    for (const shown of [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret),
    ]) {
      expect(shown).toContain(MASK);
      expect(shown).not.toContain('hunter2');
    }
    expect(Object.keys(secret)).toEqual([]);
    expect({ ...secret }).toEqual({});
  });

  test('has a mask that does not tell its length', () => {
    expect(String(new Secret('a'))).toBe(String(new Secret('a'.repeat(1000))));
  });
});

describe('references', () => {
  test('are whole texts only', () => {
    expect(parseReference(env('A_B'))).toEqual({ kind: 'env', name: 'A_B' });
    expect(parseReference(file('/run/secrets/x y'))).toEqual({ kind: 'file', name: '/run/secrets/x y' });
    for (const text of [
      '',
      'A',
      `x${env('A')}`,
      `${env('A')}\n`,
      env(''),
      env('A}'),
      '${bizdate}',
      '${ENV:A}',
    ]) {
      expect(isReference(text), text).toBe(false);
    }
    expect(mentionsReference(`x${env('A')}`)).toBe(true);
    expect(mentionsReference('secret://a/b')).toBe(true);
    expect(mentionsReference('https://secret/')).toBe(false);
  });

  test('without a value give nothing', () => {
    const source = { env: () => '', file: () => '\n' };
    expect(fetchSecret({ kind: 'env', name: 'A' }, source, 'password')).toBeUndefined();
    expect(fetchSecret({ kind: 'file', name: 'A' }, source, 'password')).toBeUndefined();
  });

  test('tell whose value they stand for', () => {
    const asked: string[][] = [];
    const remember = (name: string, key: string) => {
      asked.push([name, key]);
      return 'x';
    };
    const params = { host: env('H'), connection: [{ jdbcUrl: [env('J')], password: file('P') }] };
    resolveSecrets(params, { env: remember, file: remember });
    expect(asked).toEqual([
      ['H', 'host'],
      ['J', 'jdbcUrl'],
      ['P', 'password'],
    ]);
  });

  test.each(['host', 'PORT', 'database', 'username', 'endpoint'])('%s is where something is', (key) => {
    expect(isPlaceKey(key)).toBe(true);
  });

  test.each(['password', 'accessKeyId', 'accessKeySecret', 'securityToken', 'jdbcUrl', 'hostPassword', ''])(
    '%s is not',
    (key) => {
      expect(isPlaceKey(key)).toBe(false);
    },
  );
});

describe('redaction', () => {
  test('masks the usual forms of a secret', () => {
    const secret = 'p"ä/ss wörd';
    const forms = [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ];
    for (const form of forms) {
      const shown = redact(`error near ${form}, retry`, [new Secret(secret)]);
      expect(shown).toContain(MASK);
      expect(shown).not.toContain(form);
    }
  });

  test('masks a longer secret before one that it contains', () => {
    expect(redact('abcdef abc', ['abc', 'abcdef'])).toBe(`${MASK} ${MASK}`);
  });

  test.each([
    ['mysql://root:pw@db/x', 'pw'],
    ['jdbc:mysql://db/x?user=u&password=pw;x', 'pw'],
    ['redis://:pw@host', 'pw'],
  ])('masks credentials inside %s', (text, secret) => {
    expect(redact(text, [])).not.toContain(secret);
  });

  test('leaves nothing of any secret', () => {
    const secrets = fc.array(fc.string({ minLength: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(secrets, fc.array(fc.string()), (list, around) => {
        fc.pre(list.every((secret) => !MASK.includes(secret) && !/^\*|\*$/.test(secret)));
        const text = list.map((secret, i) => `${around[i] ?? ''}${secret}`).join(' ');
        const shown = redact(text, list);
        for (const secret of list) expect(shown).not.toContain(secret);
      }),
    );
  });

  test('masks values by their keys, whatever they are', () => {
    const value = {
      accessId: 'id',
      accessKey: 'k',
      AccessKeySecret: { nested: 'k' },
      list: [{ password: 5 }, { securityToken: 't' }],
      url: 'jdbc:x://u:pw@h/d',
    };
    expect(maskSecrets(value)).toEqual({
      accessId: 'id',
      accessKey: MASK,
      AccessKeySecret: MASK,
      list: [{ password: MASK }, { securityToken: MASK }],
      url: `jdbc:x://${MASK}@h/d`,
    });
  });
});
