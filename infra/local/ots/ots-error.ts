/** A refusal as the service words it: HTTP status, stable code, text. Serialized as the protobuf `Error`. */
export class OtsError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'OtsError';
    this.status = status;
    this.code = code;
  }
}

/** 400 OTSParameterInvalid: the request itself is wrong. */
export const parameterInvalid = (message: string): OtsError =>
  new OtsError(400, 'OTSParameterInvalid', message);

/** 400 OTSInvalidPK: the key does not fit the schema of the table. */
export const invalidPrimaryKey = (message: string): OtsError => new OtsError(400, 'OTSInvalidPK', message);

/** 403 OTSAuthFailed: who signed, when, for which instance, over which body. */
export const authFailed = (message: string): OtsError => new OtsError(403, 'OTSAuthFailed', message);

/** 403 OTSConditionCheckFail: a row or column condition does not hold. */
export const conditionFailed = (): OtsError =>
  new OtsError(403, 'OTSConditionCheckFail', 'Condition check failed.');

/** 404 OTSObjectNotExist for a table. */
export const tableNotFound = (): OtsError =>
  new OtsError(404, 'OTSObjectNotExist', 'Requested table does not exist.');

/** 400 OTSUnsupportOperation: a documented call or option that this service does not offer. */
export const unsupported = (what: string): OtsError =>
  new OtsError(400, 'OTSUnsupportOperation', `Unsupported operation: '${what}'.`);
