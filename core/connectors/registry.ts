import type { AnyConnectorDef } from './contract.ts';

/**
 * Every system there is, by the short name of its plug-in. Imported only when a job names it, so that a
 * function loads the drivers it needs and no others.
 */
export const connectors: Readonly<Record<string, () => Promise<AnyConnectorDef>>> = {
  ots: async () => (await import('./ots/index.ts')).ots,
  oss: async () => (await import('./oss/index.ts')).oss,
  stream: async () => (await import('./stream/index.ts')).stream,
  mysql: async () => (await import('./mysql/index.ts')).mysql,
  postgresql: async () => (await import('./postgresql/index.ts')).postgresql,
};

/** Plug-ins of other names that speak the protocol of a system above. */
const ALIASES: Readonly<Record<string, string>> = {
  mariadb: 'mysql',
  polardb: 'mysql',
  drds: 'mysql',
  adbmysql: 'mysql',
  analyticdbformysql: 'mysql',
  postgres: 'postgresql',
  analyticdbforpostgresql: 'postgresql',
  adbpg: 'postgresql',
  hologres: 'postgresql',
  hologresjdbc: 'postgresql',
};

/** All names that job files may use for a system, its own first; with `reader` or `writer` behind them or not. */
export const pluginNames = (type: string): readonly string[] => [
  type,
  ...Object.keys(ALIASES).filter((alias) => ALIASES[alias] === type),
];

/** Short name of a plug-in: `ossreader`, `OSSWriter` and `oss` are all `oss`, `polardbreader` is `mysql`. */
export function connectorName(plugin: string): string {
  const name = plugin.toLowerCase().replace(/(reader|writer)$/, '');
  return Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
}
