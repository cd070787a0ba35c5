/** Data sources that can hold objects of the program's own, by type. */
import type { ObjectFolder } from '../ports/index.ts';
import type { ConnectorContext } from './contract.ts';

/** Opens a folder in the bucket of a connection whose secrets are resolved. Nothing is sent yet. */
export type OpenFolder = (
  connection: Readonly<Record<string, unknown>>,
  prefix: string,
  context: ConnectorContext,
) => ObjectFolder;

/** What each of them is opened with. */
export const folders: Readonly<Record<string, () => Promise<OpenFolder>>> = {
  oss: async () => (await import('./oss/object-folder.ts')).openOssFolder,
};
