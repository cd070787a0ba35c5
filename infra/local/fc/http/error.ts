/** A refused call: HTTP status plus the code and text of the JSON error body. */
export class FcError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'FcError';
    this.status = status;
    this.code = code;
  }
}

/** A malformed or out-of-range argument. */
export const invalidArgument = (message: string): FcError => new FcError(400, 'InvalidArgument', message);

/** No such service. */
export const serviceNotFound = (name: string): FcError =>
  new FcError(404, 'ServiceNotFound', `service '${name}' does not exist`);

/** No such function. */
export const functionNotFound = (service: string, name: string): FcError =>
  new FcError(404, 'FunctionNotFound', `function '${name}' does not exist in service '${service}'`);

/** Every instance that the limits allow is busy. */
export const resourceExhausted = (message: string): FcError => new FcError(429, 'ResourceExhausted', message);
