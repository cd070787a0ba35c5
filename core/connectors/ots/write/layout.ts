/** Source columns against the table: what each becomes, and every misfit at once. */
import type { TargetType } from '../../../convert/index.ts';
import { classifyCast } from '../../../convert/index.ts';
import { type Code, ConfigError, type ConfigFault } from '../../../errors/index.ts';
import type { DefinedType, TableSchema } from '../../../tablestore/index.ts';
import type { Column } from '../../../types/index.ts';
import type { PlanNote, TargetColumn } from '../../contract.ts';
import type { NamedKey } from './column-names.ts';
import type { OtsWriterConfig } from './writer-config.ts';

/** A column of the table that the job writes. */
export interface WrittenColumn {
  readonly name: string;
  readonly isKey: boolean;
  readonly type: DefinedType;
  readonly target: TargetType;
  /** Its place among the source columns. */
  readonly source: number;
}

/** What the job writes. */
export interface WriteLayout {
  /** As rows have them: the key in the table's order, then the attributes in the job's. */
  readonly columns: readonly WrittenColumn[];
  /** In the order of the source, for `plan`. */
  readonly described: readonly TargetColumn[];
  readonly notes: readonly PlanNote[];
}

type Tell = (code: Code, path: string, message: string) => void;

/** Throws ConfigError with every fault. */
export function fitLayout(
  config: OtsWriterConfig,
  schema: TableSchema,
  columns: readonly Column[],
): WriteLayout {
  const faults: ConfigFault[] = [];
  const tell: Tell = (code, path, message) => void faults.push({ code, path, message });
  const wanted = config.key.length + config.attributes.length;
  checkKey(config.key, schema, tell);
  checkAttributes(config, schema, tell);
  if (columns.length !== wanted) {
    tell('DST-4042', 'column', `the source has ${columns.length} columns, primaryKey and column ${wanted}`);
  }
  const [misfit, ...others] = faults;
  if (misfit) throw new ConfigError([misfit, ...others]);
  const written = writtenColumns(config, schema);
  const inSourceOrder = written.toSorted((a, b) => a.source - b.source);
  const described = inSourceOrder.map((column) => describe(columns[column.source]!, column, config, tell));
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
  return { columns: written, described, notes: notesOf(config, schema, described) };
}

function writtenColumns(config: OtsWriterConfig, schema: TableSchema): readonly WrittenColumn[] {
  const key = schema.key.map(({ name, type }): WrittenColumn => {
    const source = config.key.findIndex((named) => named.name === name);
    return { name, isKey: true, type, target: targetOf(type, config.maxKeyBytes), source };
  });
  const attributes = config.attributes.map(({ name, type }, i): WrittenColumn => {
    const target = targetOf(type, config.maxAttributeBytes);
    return { name, isKey: false, type, target, source: config.key.length + i };
  });
  return [...key, ...attributes];
}

function targetOf(type: DefinedType, maxBytes: number): TargetType {
  switch (type) {
    case 'INTEGER':
      return { kind: 'long', bits: 64, unsigned: false };
    case 'DOUBLE':
      return { kind: 'double', bits: 64, specials: true };
    case 'BOOLEAN':
      return { kind: 'bool' };
    case 'STRING':
      return { kind: 'string', maxBytes };
    case 'BINARY':
      return { kind: 'bytes', maxBytes };
    default:
      return type satisfies never;
  }
}

/** Names decide, not places: the job may list the key columns in the order of its source. */
function checkKey(key: readonly NamedKey[], schema: TableSchema, tell: Tell): void {
  const shown = `the primary key of \`${schema.table}\` is (${schema.key.map(({ name, type }) => `${name} ${type}`).join(', ')})`;
  key.forEach(({ name, type }, i) => {
    const column = schema.key.find((one) => one.name === name);
    if (!column) tell('DST-4041', `primaryKey[${i}]`, `\`${name}\` is no key column: ${shown}`);
    else if (type !== undefined && type !== column.type) {
      tell('DST-4041', `primaryKey[${i}]`, `\`${name}\` is not of type ${type}: ${shown}`);
    }
  });
  for (const { name } of schema.key) {
    if (!key.some((named) => named.name === name)) {
      tell('DST-4041', 'primaryKey', `\`${name}\` is missing: ${shown}`);
    }
  }
}

function checkAttributes({ attributes }: OtsWriterConfig, schema: TableSchema, tell: Tell): void {
  attributes.forEach(({ name, type }, i) => {
    if (schema.key.some((key) => key.name === name)) {
      tell('DST-4042', `column[${i}]`, `\`${name}\` is a key column of the table`);
    }
    const defined = schema.defined.find((one) => one.name === name);
    if (defined && defined.type !== type) {
      tell('DST-4042', `column[${i}]`, `\`${name}\` is predefined as ${defined.type}, not ${type}`);
    }
  });
}

function describe(
  source: Column,
  { name, type, isKey, target }: WrittenColumn,
  { allowLossy }: OtsWriterConfig,
  tell: Tell,
): TargetColumn {
  const { class: judged, reason } = classifyCast(source, target);
  const path = isKey ? 'primaryKey' : 'column';
  if (judged === 'impossible') tell('DST-4022', path, `\`${source.name}\` → \`${name}\`: ${reason}`);
  if (judged === 'lossy' && !allowLossy) {
    const allow = '`"allowLossy": true` allows it';
    tell('DST-4022', path, `\`${source.name}\` → \`${name}\` ${type}: ${reason}; ${allow}`);
  }
  return {
    name,
    type: isKey ? `${type} key` : type,
    lossy: judged === 'lossy',
    ...(reason !== '' && { note: reason }),
  };
}

function notesOf(
  { operation, key, version }: OtsWriterConfig,
  schema: TableSchema,
  described: readonly TargetColumn[],
): readonly PlanNote[] {
  const info = (message: string): PlanNote => ({ level: 'info', message });
  const notes: PlanNote[] = described
    .filter(({ lossy }) => lossy)
    .map(({ name, note }) => ({
      level: 'warning',
      message: `column ${name}: ${note ?? 'values lose something'}`,
    }));
  notes.push(info(OPERATION_NOTES[operation]));
  if (key.some(({ name }, i) => schema.key[i]?.name !== name)) {
    notes.push(info('primaryKey is in another order than in the table: names decide'));
  }
  if (version !== undefined) notes.push(info(`every value gets the version ${version}`));
  return notes;
}

const OPERATION_NOTES = {
  put: 'PutRow: a row of the same key is replaced as a whole; null attributes are left out',
  update:
    'UpdateRow: attributes are merged into the row of the same key; null removes the attribute, a new row of nulls alone is not created',
  delete: 'DeleteRow: rows of these keys are removed',
} as const;
