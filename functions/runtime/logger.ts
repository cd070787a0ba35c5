import type { LogFields, Logger } from '../../core/ports/index.ts';

const line =
  (level: string) =>
  (message: string, fields: LogFields = {}): void => {
    process.stdout.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields })}\n`,
    );
  };

/** JSON lines on standard output, where the platform collects them. */
export const functionLogger: Logger = {
  debug() {},
  info: line('info'),
  warn: line('warn'),
  error: line('error'),
};
