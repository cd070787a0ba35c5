/**
 * JDBC addresses as DataX jobs give them: `jdbc:mysql://host[:port][,host[:port]…]/database[?name=value&…]`, also
 * with `mariadb`, `polardb` and `postgresql`. Options that change nothing here are accepted, those that mean something
 * are carried out, any other is refused by name: silence about an option would be a wrong result.
 */
import { DEFAULT_PORTS, type Dialect } from './dialect.ts';

/** Where a server listens. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** TLS as an address asks for it. */
export type UrlTls = 'off' | 'unverified' | 'verified';

/** What an address says. */
export interface JdbcAddress {
  readonly hosts: readonly HostPort[];
  readonly database: string;
  readonly schema?: string;
  readonly tls?: UrlTls;
  readonly connectTimeoutMs?: number;
  readonly socketTimeoutMs?: number;
}

const SCHEMES: Readonly<Record<string, Dialect>> = {
  mysql: 'mysql',
  mariadb: 'mysql',
  polardb: 'mysql',
  postgresql: 'postgresql',
};

/** Options about encodings, batching, caching and prepared statements: what they ask for is so here, or has no effect. */
const WITHOUT_EFFECT = new Set(
  [
    'useUnicode autoReconnect autoReconnectForPools failOverReadOnly maxReconnects initialTimeout allowMultiQueries',
    'rewriteBatchedStatements useServerPrepStmts cachePrepStmts prepStmtCacheSize prepStmtCacheSqlLimit',
    'useCursorFetch defaultFetchSize useLocalSessionState useLegacyDatetimeCode serverTimezone allowPublicKeyRetrieval',
    'netTimeoutForStreamingResults useOldAliasMetadataBehavior useAffectedRows noAccessToProcedureBodies tcpKeepAlive',
    'tcpNoDelay useInformationSchema nullCatalogMeansCurrent remarks useConfigs cacheServerConfiguration',
    'ApplicationName reWriteBatchedInserts prepareThreshold preparedStatementCacheQueries binaryTransfer',
    'preferQueryMode defaultRowFetchSize stringtype loginTimeout logUnclosedConnections autosave',
  ]
    .join(' ')
    .toLowerCase()
    .split(' '),
);

/** Options whose only accepted values are those that describe what is done here. */
const FIXED: Readonly<Record<string, RegExp>> = {
  characterencoding: /^utf-?8(mb4)?$/i,
  charset: /^utf-?8(mb4)?$/i,
  connectioncollation: /^utf8(mb4)?_\w+$/i,
  yearisdatetype: /^false$/i,
  tinyint1isbit: /^false$/i,
  zerodatetimebehavior: /^convert_?to_?null$/i,
  usecompression: /^false$/i,
  readonly: /^(true|false)$/i,
  targetservertype: /^any$/i,
};

const MYSQL_SSL_MODES: Readonly<Record<string, UrlTls>> = {
  disabled: 'off',
  preferred: 'off',
  disable: 'off',
  required: 'unverified',
  trust: 'unverified',
  verify_ca: 'verified',
  'verify-ca': 'verified',
  verify_identity: 'verified',
  'verify-full': 'verified',
};

const POSTGRES_SSL_MODES: Readonly<Record<string, UrlTls>> = {
  disable: 'off',
  allow: 'off',
  prefer: 'off',
  require: 'unverified',
  'verify-ca': 'verified',
  'verify-full': 'verified',
};

/** Whether an address carries a name or a password, wherever: such a text is never shown. */
export const holdsCredentials = (url: string): boolean =>
  /^[^/]*\/\/[^/?#]*@/.test(url) || /[?&;](user|username|password|pwd)=/i.test(url);

/** An address taken apart, or the sentence that says what is wrong with it. Never quotes values: they may be secret. */
export function parseJdbcUrl(url: string, dialect: Dialect): JdbcAddress | string {
  if (holdsCredentials(url)) return 'must not hold credentials; give username and password beside it';
  const match = /^jdbc:([a-z]+):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?(.*))?$/i.exec(url.trim());
  if (!match) return 'is not of the form jdbc:mysql://host:port/database';
  const [, scheme = '', authority = '', path = '', query = ''] = match;
  if (SCHEMES[scheme.toLowerCase()] !== dialect) return `is an address of ${scheme}, not of this plug-in`;
  const hosts = authority.split(',').map((part) => hostPort(part.trim(), dialect));
  if (hosts.includes(undefined)) return 'has a host that cannot be read';
  const database = decoded(path);
  if (database === undefined || database === '') return 'names no database';
  const options = readOptions(query, dialect);
  if (typeof options === 'string') return options;
  return { hosts: hosts as HostPort[], database, ...options };
}

function hostPort(text: string, dialect: Dialect): HostPort | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return undefined;
  const port = match[2] === undefined ? DEFAULT_PORTS[dialect] : Number(match[2]);
  return port >= 1 && port <= 65_535 ? { host: match[1]!.replace(/^\[|\]$/g, ''), port } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

type Options = Omit<JdbcAddress, 'hosts' | 'database'>;

function readOptions(query: string, dialect: Dialect): Options | string {
  const given: Record<string, string> = {};
  for (const part of query.split('&').filter((piece) => piece !== '')) {
    const [name = '', ...rest] = part.split('=');
    const value = decoded(rest.join('='));
    if (value === undefined) return `has an option \`${name}\` that cannot be read`;
    const key = name.toLowerCase();
    if (/^(user|password|username)$/.test(key))
      return 'must not hold credentials; give username and password';
    const fault = optionFault(name, value, dialect);
    if (fault !== undefined) return fault;
    given[key] = value;
  }
  return { ...tlsOf(given, dialect), ...timeouts(given, dialect), ...schemaOf(given) };
}

function optionFault(name: string, value: string, dialect: Dialect): string | undefined {
  const key = name.toLowerCase();
  const fixed = FIXED[key];
  if (fixed)
    return fixed.test(value) ? undefined : `has the option \`${name}\` with a value that is not supported`;
  if (WITHOUT_EFFECT.has(key)) return undefined;
  if (key === 'connecttimeout' || key === 'sockettimeout') {
    return /^\d{1,9}$/.test(value) ? undefined : `has an option \`${name}\` that is no number`;
  }
  if (key === 'sslmode') {
    return modesOf(dialect)[value.toLowerCase()] ? undefined : `has an unknown value of \`${name}\``;
  }
  const bools = dialect === 'mysql' ? ['usessl', 'verifyservercertificate', 'requiressl'] : ['ssl'];
  if (bools.includes(key))
    return /^(true|false)$/i.test(value) ? undefined : `has an unknown value of \`${name}\``;
  if (key === 'currentschema' && dialect === 'postgresql') return undefined;
  return `has an option \`${name}\` that is not supported; remove it`;
}

const modesOf = (dialect: Dialect) => (dialect === 'mysql' ? MYSQL_SSL_MODES : POSTGRES_SSL_MODES);

const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true';

function tlsOf(given: Readonly<Record<string, string>>, dialect: Dialect): { tls?: UrlTls } {
  if (given.sslmode !== undefined) return { tls: modesOf(dialect)[given.sslmode.toLowerCase()]! };
  const asked = given.usessl ?? given.ssl ?? given.requiressl;
  if (asked === undefined) return {};
  if (!isTrue(asked)) return { tls: 'off' };
  const verified = dialect === 'postgresql' || isTrue(given.verifyservercertificate);
  return { tls: verified ? 'verified' : 'unverified' };
}

/** The drivers count in milliseconds (MySQL) and in seconds (PostgreSQL); 0 = no limit = the default here. */
function timeouts(given: Readonly<Record<string, string>>, dialect: Dialect) {
  const unit = dialect === 'mysql' ? 1 : 1000;
  const connect = Number(given.connecttimeout ?? 0) * unit;
  const socket = Number(given.sockettimeout ?? 0) * unit;
  return {
    ...(connect > 0 && { connectTimeoutMs: connect }),
    ...(socket > 0 && { socketTimeoutMs: socket }),
  };
}

const schemaOf = (given: Readonly<Record<string, string>>): { schema?: string } =>
  given.currentschema === undefined ? {} : { schema: given.currentschema };
