import type { LogFields, Logger } from '../core/ports/index.ts';
import type { TextSink } from './io.ts';

/** Lines on the error stream; without `verbose` none, as faults are told by the commands themselves. */
export function cliLogger(stderr: TextSink, verbose: boolean): Logger {
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      if (!verbose) return;
      const facts = Object.entries(fields).filter(([, value]) => value !== undefined);
      const tail = facts.map(
        ([key, value]) => ` ${key}=${typeof value === 'string' ? JSON.stringify(value) : value}`,
      );
      stderr.write(`${new Date().toISOString()} ${level} ${message}${tail.join('')}\n`);
    };
  return { debug: line('debug'), info: line('info '), warn: line('warn '), error: line('error') };
}
