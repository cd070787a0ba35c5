import type { JobModel, JsonObject, StepModel } from '../../core/job/model.ts';
import type { ServerAddress } from '../../test/support/servers/server-process.ts';
import { COLUMNS } from './table.ts';

/** A side of a job. */
export type Side = Pick<StepModel, 'type' | 'params'>;

const login = ({ host, port, username, password, database }: ServerAddress): JsonObject => ({
  host,
  port,
  username,
  password,
  database,
});

/** A table as one side of a job. */
export const tableSide = (
  type: 'mysql' | 'postgresql',
  server: ServerAddress,
  table: string,
  more: JsonObject = {},
): Side => ({ type, params: { ...login(server), table, column: [...COLUMNS], ...more } });

/** Objects of OSS under a prefix. */
export const objectSide = (endpoint: string, object: string, format: JsonObject): Side => ({
  type: 'oss',
  params: {
    endpoint,
    bucket: 'bench',
    accessId: 'bench',
    accessKey: 'bench',
    object,
    writeMode: 'truncate',
    ...format,
  },
});

/** A job whose parameters are all as a user would leave them; `channels` = shards that move at the same time. */
export const jobOf = (reader: Side, writer: Side, channels: number): JobModel => ({
  dialect: 'v2',
  reader: { ...reader, path: 'reader' },
  writer: { ...writer, path: 'writer' },
  setting: {
    errorLimit: { kind: 'records', limit: 0 },
    speed: { concurrent: channels },
    timeZone: 'Asia/Shanghai',
  },
});
