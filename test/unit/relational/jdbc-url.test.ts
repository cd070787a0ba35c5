import { describe, expect, it } from 'vitest';
import { parseJdbcUrl } from '../../../core/relational/jdbc-url.ts';

describe('JDBC addresses', () => {
  it.each([
    ['jdbc:mysql://h:3307/db', 'mysql', { hosts: [{ host: 'h', port: 3307 }], database: 'db' }],
    [
      'jdbc:mariadb://h/db?useUnicode=true&characterEncoding=UTF-8',
      'mysql',
      { hosts: [{ host: 'h', port: 3306 }], database: 'db' },
    ],
    [
      'jdbc:mysql://a,b:1/db',
      'mysql',
      {
        hosts: [
          { host: 'a', port: 3306 },
          { host: 'b', port: 1 },
        ],
        database: 'db',
      },
    ],
    [
      'jdbc:mysql://[::1]:3306/db?useSSL=true',
      'mysql',
      { hosts: [{ host: '::1', port: 3306 }], database: 'db', tls: 'unverified' },
    ],
    [
      'jdbc:mysql://h/db?sslMode=VERIFY_CA&socketTimeout=5000',
      'mysql',
      { hosts: [{ host: 'h', port: 3306 }], database: 'db', tls: 'verified', socketTimeoutMs: 5000 },
    ],
    [
      'jdbc:postgresql://h/d%20b?currentSchema=s&sslmode=require&socketTimeout=5',
      'postgresql',
      {
        hosts: [{ host: 'h', port: 5432 }],
        database: 'd b',
        schema: 's',
        tls: 'unverified',
        socketTimeoutMs: 5000,
      },
    ],
    [
      'jdbc:postgresql://h/db?ssl=true',
      'postgresql',
      { hosts: [{ host: 'h', port: 5432 }], database: 'db', tls: 'verified' },
    ],
  ] as const)('reads %s', (url, dialect, address) => {
    expect(parseJdbcUrl(url, dialect)).toEqual(address);
  });

  it.each([
    ['mysql://h/db', 'is not of the form'],
    ['jdbc:postgresql://h/db', 'is an address of postgresql'],
    ['jdbc:mysql://user:secret@h/db', 'must not hold credentials'],
    ['jdbc:mysql://h/db?password=secret', 'must not hold credentials'],
    ['jdbc:mysql://h', 'names no database'],
    ['jdbc:mysql://h:99999/db', 'has a host that cannot be read'],
    [
      'jdbc:mysql://h/db?allowLoadLocalInfile=true',
      'has an option `allowLoadLocalInfile` that is not supported',
    ],
    ['jdbc:mysql://h/db?characterEncoding=gbk', 'with a value that is not supported'],
    ['jdbc:mysql://h/db?zeroDateTimeBehavior=round', 'with a value that is not supported'],
    ['jdbc:mysql://h/db?currentSchema=x', 'has an option `currentSchema` that is not supported'],
    ['jdbc:mysql://h/db?socketTimeout=x', 'is no number'],
    ['jdbc:mysql://h/db?a=%zz', 'cannot be read'],
  ])('refuses %s', (url, fault) => {
    const result = parseJdbcUrl(url, 'mysql');
    expect(result).toEqual(expect.stringContaining(fault));
    expect(result).not.toContain('secret');
  });
});
