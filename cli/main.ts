/** The command line of Millrace. `runCli` is the whole program; `main` gives it this process. */
import { CommanderError } from 'commander';
import { asSyncError, type SyncError } from '../core/errors/index.ts';
import { systemClock, systemRandom } from '../core/ports/system.ts';
import { redact } from '../core/security/redaction.ts';
import type { CommandContext, GlobalOptions, Outcome } from './context.ts';
import { ExitCode, exitCodeOf } from './exit-codes.ts';
import { faultData, printFault } from './fault-report.ts';
import { programVersion } from './files.ts';
import { type CliIo, processIo } from './io.ts';
import { usageFault } from './job-file.ts';
import { cliLogger } from './logger.ts';
import { Output, type OutputMode, wantsColor } from './output.ts';
import { type ParsedCommand, parseCommandLine } from './program.ts';

/** Executes a command line and resolves with the exit code. Never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  const secrets = new Set<string>();
  const masked = maskedIo(io, secrets);
  const parsed = await parse(argv, masked);
  if (typeof parsed === 'number') return parsed;
  const context = contextOf(parsed, masked, secrets);
  return execute(parsed, context);
}

/** Runs the program in this process and ends it. */
export async function main(): Promise<never> {
  const io = processIo();
  process.stdout.on('error', endOnClosedPipe);
  const exitCode = await runCli(process.argv.slice(2), io);
  await Promise.all([process.stdout, process.stderr].map(drained));
  process.exit(exitCode);
}

/** The reader of a pipe has gone, for example `head`: nobody wants the rest. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(ExitCode.ok);
  throw error;
}

const drained = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

async function parse(argv: readonly string[], io: CliIo): Promise<ParsedCommand | number> {
  const faults: string[] = [];
  try {
    const output = {
      writeOut: (text: string) => io.stdout.write(text),
      writeErr: (text: string) => faults.push(text),
      helpWidth: io.stdout.columns || undefined,
    };
    return await parseCommandLine(argv, programVersion, output);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return ExitCode.ok;
    return refuse(argv, io, error, faults.join(''));
  }
}

/** Without any command the help is the answer, and a fault all the same. */
function refuse(argv: readonly string[], io: CliIo, error: CommanderError, text: string): number {
  const isHelp = error.code === 'commander.help';
  const message = isHelp
    ? 'a command is needed'
    : text
        .trim()
        .replace(/^error: /, '')
        .replaceAll('\n', ' ');
  const mode: OutputMode = argv.includes('--json') ? 'json' : argv.includes('--ndjson') ? 'ndjson' : 'text';
  const out = new Output(io, mode, wantsColor(io, !argv.includes('--no-color')));
  const fault = usageFault(message);
  if (mode !== 'text') out.result({ ok: false, exitCode: ExitCode.usage, error: faultData(fault) });
  if (isHelp && mode === 'text') io.stderr.write(text);
  else
    io.stderr.write(
      `${out.colors.bold(out.colors.red(`error[${fault.code}]`))}: ${message}\n  next   see \`millrace --help\`\n`,
    );
  return ExitCode.usage;
}

function contextOf({ options }: ParsedCommand, io: CliIo, secrets: Set<string>): CommandContext {
  const mode: OutputMode = options.json ? 'json' : options.ndjson ? 'ndjson' : 'text';
  const out = new Output(io, mode, wantsColor(io, options.color !== false));
  const globals: GlobalOptions = {
    local: options.local === true || isOn(io.env.MILLRACE_LOCAL),
    verbose: options.verbose === true,
    ...(typeof options.project === 'string' ? { project: options.project } : {}),
  };
  const log = cliLogger(io.stderr, globals.verbose);
  return { io, out, options: globals, clock: systemClock, random: systemRandom, log, secrets };
}

const isOn = (value: string | undefined): boolean => value !== undefined && /^(1|true|yes|on)$/i.test(value);

async function execute(parsed: ParsedCommand, context: CommandContext): Promise<number> {
  try {
    const { exitCode, data }: Outcome = await parsed.invocation(context);
    const isSchema = parsed.name === 'schema';
    context.out.result(isSchema ? data : { ok: exitCode === ExitCode.ok, exitCode, ...data });
    return exitCode;
  } catch (error) {
    return fail(parsed, context, asSyncError(error));
  }
}

function fail(parsed: ParsedCommand, context: CommandContext, fault: SyncError): number {
  const exitCode = exitCodeOf(fault);
  const isRun = parsed.name !== 'run' && parsed.name !== 'plan' && parsed.name !== 'validate';
  const names = {
    RUN: isRun ? parsed.subject : undefined,
    JOB: isRun ? undefined : parsed.subject,
    NAME: parsed.name === 'conn test' ? parsed.subject : undefined,
  };
  printFault(context, fault, names);
  context.out.result({ ok: false, exitCode, error: faultData(fault) });
  return exitCode;
}

/** Shorter texts are no secrets, and masking them would make output unreadable. */
const MIN_SECRET_CHARS = 4;

/** The same outside, with every fetched secret masked in whatever is written. */
function maskedIo(io: CliIo, secrets: ReadonlySet<string>): CliIo {
  const mask = (text: string): string =>
    redact(
      text,
      [...secrets].filter((secret) => secret.length >= MIN_SECRET_CHARS),
    );
  const sink = (target: CliIo['stdout']): CliIo['stdout'] => ({
    write: (text) => target.write(secrets.size === 0 ? text : mask(text)),
    get isTTY() {
      return target.isTTY;
    },
    get columns() {
      return target.columns;
    },
  });
  const { env, cwd, self } = io;
  return {
    env,
    cwd,
    self,
    onSignal: (handler) => io.onSignal(handler),
    stdout: sink(io.stdout),
    stderr: sink(io.stderr),
  };
}
