/** Fits source columns to the columns of the target table; every misfit is told at once. */
import type { PlanNote, TargetColumn } from '../../connectors/contract.ts';
import { classifyCast, createCaster } from '../../convert/index.ts';
import { assert, ConfigError, type ConfigFault } from '../../errors/index.ts';
import type { Column } from '../../types/index.ts';
import type { EncodedColumn } from './encoded-column.ts';
import { laneOf } from './lanes.ts';
import type { WriteParameters } from './parameters.ts';
import {
  type LoadLayout,
  type RelationalTarget,
  type TargetField,
  type TargetTable,
  targetFor,
} from './target.ts';

/** A layout with what `plan` tells about it. */
export interface FittedLayout {
  readonly layout: LoadLayout;
  readonly columns: readonly TargetColumn[];
  readonly notes: readonly PlanNote[];
}

type Tell = (code: ConfigFault['code'], path: string, message: string) => void;

/** Names that the rows are written under; those of the source for `["*"]` over a table that is not there yet. */
export function targetNames(
  parameters: WriteParameters,
  table: TargetTable | undefined,
  columns: readonly Column[],
  unquote: (name: string) => string,
): readonly string[] {
  const { column } = parameters;
  if (column.length !== 1 || column[0] !== '*') return column.map(unquote);
  if (!table) return columns.map(({ name }) => name);
  return table.fields.filter(({ generated }) => !generated).map(({ name }) => name);
}

/** Throws ConfigError with every fault: unknown and doubled names, the wrong number, impossible and lossy casts. */
export function fitLayout(
  target: RelationalTarget,
  table: TargetTable,
  names: readonly string[],
  columns: readonly Column[],
  parameters: WriteParameters,
): FittedLayout {
  const faults: ConfigFault[] = [];
  const tell: Tell = (code, path, message) => void faults.push({ code, path, message });
  const fields = fieldsOf(table, names, tell);
  if (names.length !== columns.length)
    tell(
      'DST-4021',
      'column',
      `the source has ${columns.length} columns, the target is given ${names.length} (${names.join(', ')})`,
    );
  for (const field of table.fields) {
    if (!field.nullable && !field.optional && !fields.includes(field))
      tell(
        'DST-4021',
        'column',
        `the table wants a value for \`${field.name}\`, which the job does not write`,
      );
  }
  const described = faults.length > 0 ? [] : describeCasts(columns, fields, parameters, tell);
  const asked = askedUpdates(parameters, fields, tell);
  const [first, ...rest] = faults;
  if (first) throw new ConfigError([first, ...rest]);
  const conflictKey = target.conflictKey(parameters.rule, table, fields);
  const updated = asked ?? target.updatedByDefault(table, fields, parameters.rule);
  return {
    layout: { table, fields, rule: parameters.rule, conflictKey, updated },
    columns: described,
    notes: described.filter(({ lossy }) => lossy).map(({ name, note }) => lossNote(name, note)),
  };
}

const lossNote = (name: string, note: string | undefined): PlanNote => ({
  level: 'warning',
  message: `column ${name}: ${note ?? 'values lose something'}`,
});

function fieldsOf(table: TargetTable, names: readonly string[], tell: Tell): TargetField[] {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const key = name.toLowerCase();
    if (seen.has(key)) {
      tell('DST-4021', 'column', `\`${name}\` stands twice among the target columns`);
      return [];
    }
    seen.add(key);
    const field = fieldNamed(table, name);
    if (!field) tell('DST-4021', 'column', `the target table has no column \`${name}\``);
    else if (field.generated) tell('DST-4021', 'column', `\`${name}\` is computed by the database`);
    else return [field];
    return [];
  });
}

/** The column of that name; by case only if another case would be another column. */
function fieldNamed(table: TargetTable, name: string): TargetField | undefined {
  const exact = table.fields.find((field) => field.name === name);
  if (exact) return exact;
  const alike = table.fields.filter((field) => field.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}

function describeCasts(
  columns: readonly Column[],
  fields: readonly TargetField[],
  { allowLossy }: WriteParameters,
  tell: Tell,
): TargetColumn[] {
  return fields.map((field, i) => {
    const { name, serverType } = field;
    const column = columns[i]!;
    const target = targetFor(field, column);
    if (typeof target === 'string') {
      tell('DST-4022', 'column', `\`${name}\` is of type ${serverType}: ${target}`);
      return { name, type: serverType, lossy: false };
    }
    const { class: judged, reason } = classifyCast(column, target);
    if (judged === 'impossible')
      tell('DST-4022', 'column', `\`${column.name}\` → \`${name}\` ${serverType}: ${reason}`);
    if (judged === 'lossy' && !allowLossy)
      tell(
        'DST-4022',
        'column',
        `\`${column.name}\` → \`${name}\` ${serverType}: ${reason}; \`"allowLossy": true\` allows it`,
      );
    return { name, type: serverType, lossy: judged === 'lossy', ...(reason !== '' && { note: reason }) };
  });
}

/** What `updateColumn` asks to be set; `undefined` if it asks nothing. */
function askedUpdates(
  { updateColumn, rule }: WriteParameters,
  fields: readonly TargetField[],
  tell: Tell,
): readonly string[] | undefined {
  if (updateColumn === undefined) return undefined;
  if (rule !== 'update') tell('DST-4021', 'updateColumn', 'belongs to a writeMode that updates');
  return updateColumn.flatMap((name) => {
    const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!field) tell('DST-4021', 'updateColumn', `\`${name}\` is not among the written columns`);
    return field ? [field.name] : [];
  });
}

/** The casters of a layout, in column order. */
export function encodedColumns(
  database: RelationalTarget,
  columns: readonly Column[],
  layout: LoadLayout,
  { emptyAsNull, allowLossy }: WriteParameters,
  timeZone: string,
): readonly EncodedColumn[] {
  return layout.fields.map((field, i) => {
    const { name } = field;
    const target = targetFor(field, columns[i]!);
    assert(typeof target !== 'string', 'a column that cannot be written was let through', { name });
    const caster = createCaster(columns[i]!, target, { timeZone, emptyAsNull, allowLossy });
    const refined = database.refine?.(caster, field, target) ?? caster;
    // A caster that minds more than the type has to see every value.
    const isPlain = refined === caster;
    return {
      name,
      target,
      caster: refined,
      lane: isPlain ? laneOf(columns[i]!, target) : undefined,
    };
  });
}
