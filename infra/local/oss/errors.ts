/** Refusals of the service: code, HTTP status, the vendor's EC number where it is documented, and the XML body. */

import { element, xmlDocument } from './xml-writer.ts';

/** HTTP status and EC number of each code this service answers with. */
const CODES = {
  AccessDenied: [403, '0003-00000001'],
  BadDigest: [400],
  BucketAlreadyExists: [409, '0015-00000104'],
  BucketNotEmpty: [409, '0015-00000301'],
  EntityTooLarge: [400],
  EntityTooSmall: [400, '0042-00000213'],
  FileAlreadyExists: [409, '0026-00000002'],
  IncorrectNumberOfFilesInPOSTRequest: [400],
  InternalError: [500],
  InvalidAccessKeyId: [403, '0002-00000902'],
  InvalidArgument: [400],
  InvalidBucketName: [400, '0015-00000001'],
  InvalidDigest: [400],
  InvalidEncryptionAlgorithmError: [400],
  InvalidObjectName: [400],
  InvalidPart: [400],
  InvalidPartOrder: [400],
  InvalidPolicyDocument: [400],
  InvalidRange: [416],
  InvalidTag: [400],
  InvalidTargetType: [400],
  InvalidURI: [400],
  MalformedXML: [400],
  MethodNotAllowed: [405],
  MissingArgument: [400],
  MissingContentLength: [411],
  NoSuchBucket: [404, '0015-00000101'],
  NoSuchKey: [404, '0026-00000001'],
  NoSuchUpload: [404, '0042-00000002'],
  NoSuchVersion: [404],
  NotImplemented: [501],
  NotSymlink: [400],
  ObjectNotAppendable: [409],
  PositionNotEqualToLength: [409, '0026-00000016'],
  PreconditionFailed: [412],
  RequestTimeTooSkewed: [403, '0002-00000504'],
  SignatureDoesNotMatch: [403, '0002-00000040'],
  SymlinkTargetNotExist: [404],
  TooManyBuckets: [400],
} as const satisfies Record<string, readonly [status: number, ec?: string]>;

/** An error code of the service. */
export type OssCode = keyof typeof CODES;

/** What an error answer carries beside its code and message. */
export interface ErrorExtra {
  /** Overrides the EC number of the code: one code can stand for several causes. */
  readonly ec?: string;
  /** Further elements of the XML body. */
  readonly detail?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that becomes an XML answer. */
export class OssError extends Error {
  readonly code: string;
  readonly status: number;
  readonly extra: ErrorExtra;

  constructor(code: OssCode, message: string, extra: ErrorExtra = {}) {
    super(message);
    this.name = 'OssError';
    this.code = code;
    const [status, ec]: readonly [number, string?] = CODES[code];
    this.status = status;
    this.extra = { ...(ec === undefined ? {} : { ec }), ...extra };
  }
}

/** The body of an error answer. */
export function errorXml(
  error: { readonly code: string; readonly message: string; readonly extra: ErrorExtra },
  requestId: string,
  hostId: string,
): string {
  const { ec, detail = {} } = error.extra;
  return xmlDocument(
    'Error',
    element('Code', error.code) +
      element('Message', error.message) +
      element('RequestId', requestId) +
      element('HostId', hostId) +
      Object.entries(detail)
        .map(([name, value]) => element(name, value))
        .join('') +
      (ec === undefined ? '' : element('EC', ec)),
  );
}
