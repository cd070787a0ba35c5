/** The exit codes of the program, in one place. Scripts rely on them: a number never changes its meaning. */
import type { Code, FaultKind } from '../core/errors/index.ts';

/** What the process answers to its caller. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  /** The command line, the job or the project is wrong. */
  usage: 2,
  /** A system could not be reached, or refused the credentials. */
  connection: 3,
  dirtyLimit: 4,
  /** What is in the target differs from what was written. */
  mismatch: 5,
  /** Stopped in good order; `millrace resume` goes on. */
  stopped: 6,
  /** A quota or a budget is used up. */
  quota: 7,
  /** Ended by SIGINT (Ctrl-C) before it could stop in good order. */
  interrupted: 130,
  /** Ended by SIGTERM before it could stop in good order. */
  terminated: 143,
} as const;

/** Codes with an exit code of their own; it does not matter what kind of fault they came with. */
const byCode: Readonly<Partial<Record<Code, number>>> = {
  'CLI-0004': ExitCode.connection,
  'CLI-0007': ExitCode.failed,
  'SRC-2001': ExitCode.connection,
  'SRC-2002': ExitCode.connection,
  'SRC-2003': ExitCode.quota,
  'DST-4001': ExitCode.connection,
  'DST-4002': ExitCode.connection,
  'DST-4003': ExitCode.quota,
  'DST-4005': ExitCode.mismatch,
  'RUN-5001': ExitCode.dirtyLimit,
  'RUN-5002': ExitCode.failed,
  'RUN-5004': ExitCode.usage,
  'RUN-5005': ExitCode.failed,
  'RUN-5007': ExitCode.connection,
  'RUN-5010': ExitCode.connection,
};

/** For codes without one: by what kind of fault it was. `config` covers job, project and command line. */
const byKind: Readonly<Record<FaultKind, number>> = {
  config: ExitCode.usage,
  auth: ExitCode.connection,
  throttled: ExitCode.quota,
  transient: ExitCode.connection,
  unknown: ExitCode.connection,
  conflict: ExitCode.failed,
  data: ExitCode.failed,
  lost: ExitCode.failed,
  bug: ExitCode.failed,
};

/** Areas whose stored failures, which carry a code but no kind, mean that the job must be corrected. */
const USAGE_AREA = /^(CLI|JOB|SEC)-/;

/** The exit code of a fault. */
export const exitCodeOf = (fault: { readonly code: Code; readonly kind: FaultKind }): number =>
  byCode[fault.code] ?? byKind[fault.kind];

/** The exit code of a run that failed, by the code stored with it. */
export const exitCodeOfFailure = (code: Code): number =>
  byCode[code] ?? (USAGE_AREA.test(code) ? ExitCode.usage : ExitCode.failed);
