/** What can go wrong in a call, and the one place where it becomes a SyncError. */
import { type Code, type FaultKind, SyncError, UnknownOutcomeError } from '../errors/index.ts';

/** The service answered with an error. `otsCode` is empty when the body was not one of its own. */
export class ServiceFault extends Error {
  readonly otsCode: string;
  readonly httpStatus: number;
  readonly requestId: string;

  constructor(otsCode: string, httpStatus: number, message: string, requestId: string) {
    super(message);
    this.otsCode = otsCode;
    this.httpStatus = httpStatus;
    this.requestId = requestId;
  }
}

/** No answer came. `sent` is false only when the request certainly never left. */
export class NetworkFault extends Error {
  readonly sent: boolean;

  constructor(message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.sent = sent;
  }
}

/** An answer that breaks the protocol; `offset` counts bytes from the start of the part being decoded. */
export class ProtocolFault extends Error {
  readonly offset: number;
  /** Set by the transport, which knows the answer's headers. */
  requestId = '';

  constructor(what: string, offset: number, options?: ErrorOptions) {
    super(`${what} at byte ${offset}`, options);
    this.offset = offset;
  }
}

/** Which code of the caller's range stands for which trouble. */
export interface TablestoreCodes {
  readonly unreachable: Code;
  readonly denied: Code;
  readonly throttled: Code;
  readonly refused: Code;
  readonly undecodable: Code;
}

/** What was being done when a fault came. */
export interface CallSite {
  readonly operation: string;
  /** Whether a lost answer may hide an effect. */
  readonly write: boolean;
  readonly codes: TablestoreCodes;
}

/** `open` = a read may simply be repeated, a write may have happened. */
type Verdict = Exclude<FaultKind, 'unknown'> | 'open';

const VERDICTS: Readonly<Record<string, Verdict>> = {
  OTSAuthFailed: 'auth',
  OTSNoPermissionAccess: 'auth',
  OTSServerBusy: 'throttled',
  OTSStorageServerBusy: 'throttled',
  OTSOperationThrottled: 'throttled',
  OTSNotEnoughCapacityUnit: 'throttled',
  OTSTooFrequentReservedThroughputAdjustment: 'throttled',
  OTSTableNotReady: 'transient',
  OTSPartitionUnavailable: 'transient',
  OTSRowOperationConflict: 'transient',
  OTSInternalServerError: 'open',
  OTSServerUnavailable: 'open',
  OTSTimeout: 'open',
  OTSRequestTimeout: 'open',
  OTSConditionCheckFail: 'conflict',
  OTSObjectAlreadyExist: 'conflict',
  OTSTrimmedDataAccess: 'lost',
  OTSObjectNotExist: 'config',
  OTSParameterInvalid: 'config',
  OTSInvalidPK: 'config',
  OTSOutOfRowSizeLimit: 'config',
  OTSOutOfColumnCountLimit: 'config',
  OTSDataOutOfRange: 'config',
  OTSRequestBodyTooLarge: 'config',
  OTSMethodNotAllowed: 'config',
  OTSQuotaExhausted: 'config',
  OTSSessionNotExist: 'config',
};

const MAX_MESSAGE_CHARS = 300;

/** Any fault of a call as a SyncError of the caller's range; a SyncError passes through unchanged. */
export function classify(fault: unknown, site: CallSite): SyncError {
  if (fault instanceof SyncError) return fault;
  if (fault instanceof ServiceFault) return serviceError(fault, site);
  if (fault instanceof NetworkFault) return networkError(fault, site);
  if (fault instanceof ProtocolFault) return protocolError(fault, site);
  return new SyncError(
    'BUG-9001',
    'bug',
    `${site.operation} failed before it was sent: ${textOf(fault)}`,
    {},
    {
      cause: fault,
    },
  );
}

function serviceError(fault: ServiceFault, site: CallSite): SyncError {
  const verdict = verdictOf(fault);
  const name = fault.otsCode || `HTTP ${fault.httpStatus}`;
  const message = `Tablestore answered ${site.operation} with ${name}: ${shortened(fault.message)}`;
  const detail = {
    operation: site.operation,
    otsCode: fault.otsCode,
    httpStatus: fault.httpStatus,
    requestId: fault.requestId,
  };
  const options = { cause: fault };
  if (verdict !== 'open')
    return new SyncError(codeOf(verdict, site.codes), verdict, message, detail, options);
  if (site.write) return new UnknownOutcomeError(site.codes.unreachable, message, detail, options);
  return new SyncError(site.codes.unreachable, 'transient', message, detail, options);
}

function networkError(fault: NetworkFault, site: CallSite): SyncError {
  const message = `Tablestore did not answer ${site.operation}: ${shortened(fault.message)}`;
  const detail = { operation: site.operation };
  const options = { cause: fault };
  if (fault.sent && site.write) {
    return new UnknownOutcomeError(site.codes.unreachable, message, detail, options);
  }
  return new SyncError(site.codes.unreachable, 'transient', message, detail, options);
}

function protocolError(fault: ProtocolFault, site: CallSite): SyncError {
  const message = `the answer to ${site.operation} is damaged: ${fault.message}`;
  const detail = { operation: site.operation, offset: fault.offset, requestId: fault.requestId };
  const options = { cause: fault };
  if (site.write) return new UnknownOutcomeError(site.codes.undecodable, message, detail, options);
  return new SyncError(site.codes.undecodable, 'transient', message, detail, options);
}

/** The code string decides; the status only when a proxy answered instead of the service. */
function verdictOf(fault: ServiceFault): Verdict {
  if (fault.otsCode === 'OTSQuotaExhausted' && fault.message.startsWith('Too frequent')) return 'throttled';
  if (Object.hasOwn(VERDICTS, fault.otsCode)) return VERDICTS[fault.otsCode]!;
  if (fault.httpStatus === 429) return 'throttled';
  if (fault.httpStatus >= 500) return 'open';
  if (fault.httpStatus === 401 || fault.httpStatus === 403) return 'auth';
  return 'config';
}

function codeOf(verdict: Exclude<Verdict, 'open'>, codes: TablestoreCodes): Code {
  if (verdict === 'auth') return codes.denied;
  if (verdict === 'throttled') return codes.throttled;
  if (verdict === 'transient') return codes.unreachable;
  return codes.refused;
}

const textOf = (fault: unknown): string => shortened(fault instanceof Error ? fault.message : String(fault));

const shortened = (text: string): string =>
  text.length > MAX_MESSAGE_CHARS ? `${text.slice(0, MAX_MESSAGE_CHARS)}…` : text;
