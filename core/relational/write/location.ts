import type { DatabaseConnection } from '../connection-config.ts';
import { type TableName, tableText } from '../identifiers.ts';

/** Where rows go, for people: without credentials, and without what is not needed to find it. */
export function locationOf(
  scheme: string,
  { addresses }: DatabaseConnection,
  table: TableName,
  defaultPort: number,
): string {
  const [first] = addresses;
  const host = first?.host.includes(':') ? `[${first.host}]` : (first?.host ?? '');
  const port = first === undefined || first.port === defaultPort ? '' : `:${first.port}`;
  return `${scheme}://${host}${port}/${first?.database ?? ''}.${tableText(table)}`;
}
