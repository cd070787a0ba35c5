/** How faults are told: code, what happened, where, why, and what to do next. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError, type ConfigFault, findCode, type SyncError } from '../core/errors/index.ts';
import type { CommandContext } from './context.ts';
import { withNames } from './next-step.ts';
import type { Colors } from './output.ts';

/** What stands for the placeholders in the texts of codes. */
export type Names = Readonly<Record<'RUN' | 'JOB' | 'NAME', string | undefined>>;

/** Tells a fault on the error stream. */
export function printFault(context: CommandContext, fault: SyncError, names: Names): void {
  const { out } = context;
  if (fault instanceof ConfigError) {
    for (const one of fault.faults) for (const line of faultLines(context, one, 'error')) out.note(line);
    if (fault.faults.length > 1) out.note(`${fault.faults.length} faults`);
  } else for (const line of syncErrorLines(fault, names, out.colors)) out.note(line);
  if (context.options.verbose) out.note(stackOf(fault));
}

/** Tells what is doubtful about a file. */
export function printWarnings(context: CommandContext, warnings: readonly ConfigFault[]): void {
  for (const warning of warnings) {
    context.out.event('warning', { ...warning });
    for (const line of faultLines(context, warning, 'warning')) context.out.note(line);
  }
}

type Level = 'error' | 'warning';

/** On a terminal with the line of the file and a caret, else in one line that editors understand. */
export function faultLines({ io, out }: CommandContext, fault: ConfigFault, level: Level): readonly string[] {
  if (io.stderr.isTTY !== true) return plainFault(fault, level);
  const source =
    fault.file === undefined ? undefined : sourceLine(path.resolve(io.cwd, fault.file), fault.line);
  return framedFault(fault, level, source, out.colors);
}

/** `file:line:column  path  CODE  message`, and the hint below. */
export function plainFault(fault: ConfigFault, level: Level): readonly string[] {
  const parts = [
    placeOf(fault),
    fault.path,
    fault.code,
    level === 'warning' ? `warning: ${fault.message}` : fault.message,
  ];
  const line = parts.filter((part) => part !== '').join('  ');
  return fault.hint === undefined ? [line] : [line, `    hint: ${fault.hint}`];
}

const placeOf = ({ file, line, column }: ConfigFault): string =>
  file === undefined ? '' : [file, line, column].filter((part) => part !== undefined).join(':');

/** The fault with its line of the file and a caret below the column. */
export function framedFault(
  fault: ConfigFault,
  level: Level,
  source: string | undefined,
  colors: Colors,
): readonly string[] {
  const color = level === 'error' ? colors.red : colors.yellow;
  const head = `${colors.bold(color(`${level}[${fault.code}]`))}${colors.bold(`: ${fault.message}`)}`;
  const place = [placeOf(fault), fault.path].filter((part) => part !== '').join('  ');
  const number = String(fault.line ?? '');
  const margin = ' '.repeat(number.length);
  const bar = colors.blue('|');
  const lines = [head, ...(place === '' ? [] : [`${margin}${colors.blue('-->')} ${place}`])];
  if (source !== undefined && fault.column !== undefined) {
    const { text, caret } = excerpt(source, fault.column);
    lines.push(
      `${margin} ${bar}`,
      `${colors.blue(number)} ${bar} ${text}`,
      `${margin} ${bar} ${caretLine(caret, colors.bold(color(underline(text, caret))))}`,
    );
  }
  if (fault.hint !== undefined)
    lines.push(`${margin} ${colors.blue('=')} ${colors.bold('help')}: ${fault.hint}`);
  return [...lines, ''];
}

const EXCERPT_CHARS = 100;

/** The part of a long line around the column; tabs become one blank so that the caret stands right. */
function excerpt(source: string, column: number): { text: string; caret: number } {
  const clean = source.replaceAll('\t', ' ');
  const from = column > EXCERPT_CHARS ? column - EXCERPT_CHARS / 2 : 0;
  return { text: clean.slice(from, from + EXCERPT_CHARS), caret: column - 1 - from };
}

const caretLine = (caret: number, mark: string): string => ' '.repeat(caret) + mark;

/** A quoted text, a name or number, or a single character. */
function underline(text: string, caret: number): string {
  const token = /^("(?:[^"\\]|\\.)*"|[\w.+-]+)/.exec(text.slice(caret))?.[0] ?? ' ';
  return '^'.repeat(token.length);
}

function sourceLine(file: string, line: number | undefined): string | undefined {
  if (line === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').split(/\r\n|\n|\r/)[line - 1];
  } catch {
    return undefined;
  }
}

/** A fault without a place in a file. */
export function syncErrorLines(fault: SyncError, names: Names, colors: Colors): readonly string[] {
  const spec = findCode(fault.code);
  const where = Object.entries(fault.detail).map(([key, value]) => `${key} ${value}`);
  return [
    `${colors.bold(colors.red(`error[${fault.code}]`))}${colors.bold(`: ${fault.message}`)}`,
    ...(where.length > 0 ? [`  where  ${where.join(', ')}`] : []),
    ...(spec ? [`  cause  ${spec.cause}`, `  next   ${withNames(spec.next, names)}`] : []),
  ];
}

/** The object of `--json` for a fault. */
export function faultData(fault: SyncError): Readonly<Record<string, unknown>> {
  const spec = findCode(fault.code);
  return {
    code: fault.code,
    kind: fault.kind,
    message: fault.message,
    detail: fault.detail,
    ...(spec === undefined ? {} : { title: spec.title, cause: spec.cause, next: spec.next }),
    ...(fault instanceof ConfigError ? { faults: fault.faults } : {}),
  };
}

function stackOf(fault: SyncError): string {
  const own = fault.stack ?? '';
  return fault.cause instanceof Error ? `${own}\ncaused by ${fault.cause.stack ?? fault.cause.message}` : own;
}
