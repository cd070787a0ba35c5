import type { AnyConnectorDef } from './contract.ts';

/**
 * Every system there is, by the short name of its plug-in. Imported only when a job names it, so that a
 * function loads the drivers it needs and no others.
 */
export const connectors: Readonly<Record<string, () => Promise<AnyConnectorDef>>> = {
  ots: async () => (await import('./ots/index.ts')).ots,
  oss: async () => (await import('./oss/index.ts')).oss,
  stream: async () => (await import('./stream/index.ts')).stream,
};

/** Short name of a plug-in: `ossreader`, `OSSWriter` and `oss` are all `oss`. */
export function connectorName(plugin: string): string {
  return plugin.toLowerCase().replace(/(reader|writer)$/, '');
}
