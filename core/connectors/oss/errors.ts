import { type Code, type FaultKind, SyncError } from '../../errors/index.ts';

/** What can be known of a fault of the SDK. Its other fields hold request headers and must not travel on. */
interface SdkFault {
  readonly status?: number;
  readonly code?: string;
  readonly name: string;
  readonly message: string;
  readonly requestId?: string;
}

const AUTH = new Set([
  'AccessDenied',
  'InvalidAccessKeyId',
  'InvalidSecurityToken',
  'RequestTimeTooSkewed',
  'SecurityTokenExpired',
  'SecurityTokenNotSupported',
  'SignatureDoesNotMatch',
]);
/** 4xx answers that a repetition can mend: the connection starved, or bytes were damaged on the way. */
const TRANSIENT = new Set(['InvalidDigest', 'RequestTimeout', 'IncompleteBody', 'CallbackFailed']);
const THROTTLED = new Set(['SlowDown', 'TooManyRequests', 'QpsLimitExceeded', 'RequestLimitExceeded']);

/** What a fault of the SDK means for us. `what` names the call, for example `put`. */
export function classifyOssFault(error: unknown, what: string): SyncError {
  if (error instanceof SyncError) return error;
  const fault = readFault(error);
  const [code, kind] = judge(fault);
  const reason = fault.code ?? fault.name;
  const detail = {
    call: what,
    ossCode: reason,
    ...(fault.status !== undefined && { status: fault.status }),
    ...(fault.requestId !== undefined && { requestId: fault.requestId }),
  };
  return new SyncError(code, kind, `OSS ${what} failed: ${reason}`, detail, { cause: cleanCause(fault) });
}

/** Whether a fault carries this error code of OSS, for example `NoSuchUpload`. */
export const hasOssCode = (error: unknown, ossCode: string): boolean =>
  error instanceof SyncError && error.detail.ossCode === ossCode;

function judge(fault: SdkFault): [Code, FaultKind] {
  const { code = '', status = 0, name } = fault;
  if (name === 'TypeError' || name === 'RangeError' || name === 'AssertionError') return ['BUG-9001', 'bug'];
  if (AUTH.has(code)) return ['DST-4002', 'auth'];
  if (THROTTLED.has(code) || status === 429 || status === 503) return ['DST-4003', 'throttled'];
  if (TRANSIENT.has(code) || status >= 500) return ['DST-4001', 'transient'];
  if (code === 'NoSuchUpload') return ['DST-4009', 'lost'];
  if (status === 401 || status === 403) return ['DST-4002', 'auth'];
  if (status >= 400) return ['DST-4004', 'config'];
  // No status, -1 or -2: the network, a timeout, or an answer that could not be read.
  return ['DST-4001', 'transient'];
}

function readFault(error: unknown): SdkFault {
  if (!(error instanceof Error)) return { name: 'Error', message: 'no description' };
  const { status, code, requestId } = error as Error & Record<'status' | 'code' | 'requestId', unknown>;
  return {
    name: error.name,
    message: error.message,
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
    ...(typeof requestId === 'string' && { requestId }),
  };
}

/** The SDK's errors carry the signed request; the cause keeps only the first words of their message. */
function cleanCause(fault: SdkFault): Error {
  const cause = new Error(fault.message.split(/[\n,]/)[0]?.slice(0, 200) ?? '');
  cause.name = fault.name;
  return cause;
}
