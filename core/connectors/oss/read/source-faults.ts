import { type Code, type FaultKind, SyncError } from '../../../errors/index.ts';
import { classifyOssFault } from '../errors.ts';

/** The codes of a source for those of a target. */
const CODES: Readonly<Partial<Record<Code, Code>>> = {
  'DST-4001': 'SRC-2001',
  'DST-4002': 'SRC-2002',
  'DST-4003': 'SRC-2003',
  'DST-4004': 'SRC-2004',
};

/** What OSS says in answer to a read, and what it means. */
const MEANINGS: Readonly<Record<string, readonly [Code, FaultKind, string]>> = {
  PreconditionFailed: ['SRC-2013', 'lost', 'the object changed after the run was planned'],
  NoSuchKey: ['SRC-2013', 'lost', 'the object was deleted after the run was planned'],
  InvalidObjectState: ['SRC-2014', 'config', 'the object is archived'],
};

/** What a fault of the SDK means for a reader. `what` names the call. */
export function classifySourceFault(error: unknown, what: string): SyncError {
  const fault = classifyOssFault(error, what);
  const meaning = MEANINGS[String(fault.detail.ossCode)];
  const [code, kind, message] = meaning ?? [CODES[fault.code] ?? fault.code, fault.kind, fault.message];
  return new SyncError(code, kind, message, fault.detail, { cause: fault.cause });
}
