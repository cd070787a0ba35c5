/** How to reach a database: shared by the parameters of readers and writers, data source files and `conn test`. */
import { z } from 'zod';
import { DEFAULT_PORTS, type Dialect } from './dialect.ts';
import { type HostPort, holdsCredentials, parseJdbcUrl, type UrlTls } from './jdbc-url.ts';
import { flag, textList, wholeNumber } from './scalar-schema.ts';

/** TLS of a connection. */
export interface TlsOptions {
  /** Certificates to trust, PEM; absent = those of the system. */
  readonly ca?: string;
  /** False = any certificate will do: encrypted, but the server is not known to be the right one. */
  readonly rejectUnauthorized: boolean;
}

/** A database with one spelling for everything. Holds the password in clear: never log it. */
export interface DatabaseConnection {
  /** Tried in order; the first that can be reached is used. */
  readonly addresses: readonly (HostPort & { readonly database: string })[];
  /** Schema of names without one, PostgreSQL only; absent = the server's search path. */
  readonly schema?: string;
  readonly username: string;
  readonly password: string;
  readonly tls: false | TlsOptions;
  readonly connectTimeoutMs: number;
  /** Longest silence of the server while an answer is awaited. */
  readonly socketTimeoutMs: number;
  /** Longest that the server may work on one statement, its answer included; 0 = no limit. */
  readonly statementTimeoutMs: number;
}

const MAX_TIMEOUT_MS = 86_400_000;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_SOCKET_TIMEOUT_MS = 600_000;

const filled = () => z.string().trim().min(1, 'must not be empty');
const timeout = (min: number, what: string) =>
  wholeNumber(min, MAX_TIMEOUT_MS, ' of milliseconds').optional().describe(what);

const tlsField = z.union([
  flag,
  z.strictObject({
    ca: filled().optional().describe('Certificates to trust, as PEM text.'),
    rejectUnauthorized: flag.default(true).describe('false accepts any certificate.'),
  }),
]);

/** Fields of a connection, to be spread into a strict object. */
export const connectionFields = {
  host: filled().optional().describe('Name or address of the server; or jdbcUrl.'),
  port: wholeNumber(1, 65_535).optional().describe('Default 3306 or 5432.'),
  database: filled().optional().describe('Database to connect to.'),
  schema: filled().optional().describe('PostgreSQL: schema of tables that are named without one.'),
  username: filled().optional(),
  password: z.string().optional(),
  jdbcUrl: textList.optional().describe('jdbc:mysql://host:port/database; the first of a list that answers.'),
  tls: tlsField.optional().describe('true, or {"ca", "rejectUnauthorized"}; default off.'),
  ssl: tlsField.optional().describe('Another name of tls.'),
  connectTimeoutInMillisecond: timeout(1, 'Time to connect; default 10,000.'),
  socketTimeoutInMillisecond: timeout(1, 'Longest silence of the server; default 600,000.'),
  statementTimeoutInMillisecond: timeout(0, 'Longest statement; default 0 = no limit.'),
};

/** Keys that a data source may bring. */
export const CONNECTION_KEYS = Object.keys(connectionFields) as readonly (keyof typeof connectionFields)[];

/** Connection keys whose values are secret. */
export const SECRET_KEYS = ['password'] as const;

const fieldsSchema = z.strictObject(connectionFields);

/** Parsed fields of a connection. */
export type ConnectionFields = z.output<typeof fieldsSchema>;

/** A fault of the connection; the path is one of its keys. */
export interface ConnectionFault {
  readonly path: string;
  readonly message: string;
}

/** Schema of a connection alone; the parsed value is a DatabaseConnection. */
export const connectionSchema = (dialect: Dialect) =>
  fieldsSchema.transform((raw, context) => {
    const normal = normalizeConnection(raw, dialect);
    if (!Array.isArray(normal)) return { ...normal } as Readonly<Record<string, unknown>>;
    for (const { path, message } of normal) {
      context.issues.push({ code: 'custom', input: raw, message, path: [path] });
    }
    return z.NEVER;
  });

/** One spelling for everything, or what is missing or said twice. */
export function normalizeConnection(
  raw: ConnectionFields,
  dialect: Dialect,
): DatabaseConnection | ConnectionFault[] {
  const faults: ConnectionFault[] = [];
  const fault = (path: keyof ConnectionFields, message: string): void => void faults.push({ path, message });
  const url = readUrls(raw, dialect, fault);
  if (raw.username === undefined) fault('username', 'is required');
  if (raw.password === undefined) fault('password', 'is required');
  if (raw.tls !== undefined && raw.ssl !== undefined) fault('ssl', 'is the same as tls; give one');
  if (raw.schema !== undefined && dialect === 'mysql')
    fault('schema', 'belongs to PostgreSQL; give database');
  if (faults.length > 0) return faults;
  const schema = raw.schema ?? url.schema;
  return {
    addresses: url.addresses,
    ...(schema !== undefined && { schema }),
    username: raw.username!,
    password: raw.password!,
    tls: tlsOptions(raw.tls ?? raw.ssl, url.tls),
    connectTimeoutMs: raw.connectTimeoutInMillisecond ?? url.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS,
    socketTimeoutMs: raw.socketTimeoutInMillisecond ?? url.socketTimeoutMs ?? DEFAULT_SOCKET_TIMEOUT_MS,
    statementTimeoutMs: raw.statementTimeoutInMillisecond ?? 0,
  };
}

interface UrlParts {
  readonly addresses: DatabaseConnection['addresses'];
  readonly schema?: string | undefined;
  readonly tls?: UrlTls | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly socketTimeoutMs?: number | undefined;
}

type Tell = (path: keyof ConnectionFields, message: string) => void;

function readUrls(raw: ConnectionFields, dialect: Dialect, fault: Tell): UrlParts {
  const { jdbcUrl } = raw;
  if (jdbcUrl === undefined) return { addresses: [ownAddress(raw, dialect, fault)] };
  for (const key of ['host', 'port', 'database'] as const) {
    if (raw[key] !== undefined) fault(key, 'is in jdbcUrl already; give one of the two');
  }
  const parsed = jdbcUrl.map((url) => parseJdbcUrl(url, dialect));
  const usable = parsed.filter((address) => typeof address !== 'string');
  for (const [i, address] of parsed.entries()) {
    if (typeof address !== 'string') continue;
    // Told at a key whose value is masked: a fault of jdbcUrl shows what it is.
    if (holdsCredentials(jdbcUrl[i]!)) fault('password', 'must not be in jdbcUrl; give it beside it');
    else fault('jdbcUrl', jdbcUrl.length > 1 ? `${address} (entry ${i + 1})` : address);
  }
  if (parsed.length === 0) fault('jdbcUrl', 'must not be empty');
  const [first] = usable;
  const addresses = usable.flatMap(({ hosts, database }) => hosts.map((host) => ({ ...host, database })));
  const { schema, tls, connectTimeoutMs, socketTimeoutMs } = first ?? {};
  if (usable.some((address) => address.schema !== schema || address.tls !== tls)) {
    fault('jdbcUrl', 'has entries with different options; they must lead to the same database');
  }
  return { addresses, schema, tls, connectTimeoutMs, socketTimeoutMs };
}

function ownAddress(raw: ConnectionFields, dialect: Dialect, fault: Tell) {
  if (raw.host === undefined) fault('host', 'is required, or jdbcUrl');
  if (raw.database === undefined) fault('database', 'is required');
  return { host: raw.host ?? '', port: raw.port ?? DEFAULT_PORTS[dialect], database: raw.database ?? '' };
}

function tlsOptions(given: ConnectionFields['tls'], asked: UrlTls | undefined): false | TlsOptions {
  if (given === undefined)
    return asked === undefined || asked === 'off' ? false : { rejectUnauthorized: asked === 'verified' };
  if (typeof given === 'boolean') return given ? { rejectUnauthorized: true } : false;
  return { rejectUnauthorized: given.rejectUnauthorized, ...(given.ca !== undefined && { ca: given.ca }) };
}
