/** The command to run next, complete: with the run, and with the options of the present command. Pure. */
import { findCode } from '../core/errors/index.ts';
import { type RunRow, runPath } from '../core/run/index.ts';
import type { GlobalOptions } from './context.ts';
import { isPaused } from './run-report.ts';
import type { Place } from './session.ts';

/** Options that must be repeated to mean the same project and place. */
export interface CommandTail {
  readonly options: Pick<GlobalOptions, 'local' | 'project'>;
  readonly place?: Place;
}

/** `millrace resume job/run --local --on functions`. */
export function commandLine(words: string, { options, place }: CommandTail): string {
  const tail = [
    ...(options.project === undefined ? [] : [`--project ${quoteWord(options.project)}`]),
    ...(options.local ? ['--local'] : []),
    ...(place === 'functions' ? ['--on functions'] : []),
  ];
  return ['millrace', words, ...tail].join(' ');
}

/** A word as a shell takes it. */
export const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** What to do with a run in this state, as sentences. */
export function nextSteps(run: RunRow, tail: CommandTail): readonly string[] {
  const path = quoteWord(runPath(run));
  const plain: CommandTail = { options: tail.options };
  if (run.resumedBy !== undefined) {
    return [
      `It goes on as ${run.jobId}/${run.resumedBy}: ${commandLine(`show ${quoteWord(`${run.jobId}/${run.resumedBy}`)}`, plain)}`,
    ];
  }
  if (isPaused(run)) return [commandLine(`resume ${path}`, tail)];
  if (run.state === 'FAILED') return afterFailure(run, path, tail, plain);
  if (run.state === 'CANCELED' || run.state === 'SUCCEEDED') return [];
  return [
    commandLine(`show ${path}`, plain),
    `${commandLine(`resume ${path}`, tail)}, if nobody moves it any more`,
  ];
}

function afterFailure(run: RunRow, path: string, tail: CommandTail, plain: CommandTail): readonly string[] {
  if (run.discarded) return ['Its parts were discarded: start a new run.'];
  if (run.failure?.code === 'RUN-5001') {
    return [commandLine(`dirty show ${path}`, plain), commandLine(`resume ${path} --error-limit N`, tail)];
  }
  const text = findCode(run.failure?.code ?? '')?.next;
  const resume = commandLine(`resume ${path}`, tail);
  return [
    ...(text === undefined ? [] : [withNames(text, { RUN: path })]),
    `${resume}, when that is mended; after a change of the job start a new run`,
  ];
}

/** Puts names for the placeholders of the texts of codes. */
export function withNames(text: string, names: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\b(RUN|JOB|NAME)\b/g, (word) => names[word] ?? word);
}
