/**
 * The parts of the npm package `tablestore` 5.6 that this folder uses, with exact types. The published
 * typings cover its public face only; request hooks, the encoder and the event lists are not in them.
 * No other file of the repository imports the package.
 */
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import sdkModule from 'tablestore';

/** A 64-bit integer of the SDK. Opaque: made by `Long.fromString` and handed back to the encoder. */
export type SdkLong = { readonly __sdkLong: unique symbol };

/** Infinite key values of the SDK. */
export type SdkInfinity = { readonly __sdkInfinity: unique symbol };

/** What the SDK's encoder accepts as a value. A JS number is always written as DOUBLE. */
export type SdkValue = SdkLong | SdkInfinity | number | boolean | string | Buffer;

/** One cell per object, as the encoder wants it. */
export type SdkCells = Record<string, SdkValue>[];

/** Opaque condition objects. */
export interface SdkColumnCondition {
  readonly comparator?: number;
}
/** Several conditions under one operator. */
export interface SdkCompositeCondition extends SdkColumnCondition {
  addSubCondition(condition: SdkColumnCondition): void;
}
/** Row existence and column conditions of a write. */
export interface SdkCondition {
  readonly rowExistenceExpectation: number;
}

/** Construction options that reach the SDK. */
export interface SdkConfig {
  readonly endpoint: string;
  readonly instancename: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly securityToken?: string;
  /** Process-wide in effect: any request of any client sets the shared retry policy. */
  readonly maxRetries: number;
  readonly httpOptions: { readonly agent: Agent; readonly maxSockets: number };
}

/** An answer while it passes through the listeners. */
export interface SdkResponse {
  data: unknown;
  error: unknown;
  readonly httpResponse: {
    readonly statusCode: number | undefined;
    readonly headers: IncomingHttpHeaders;
    body: Buffer;
    readonly stream?: IncomingMessage;
  };
}

/** A request and its listeners. */
export interface SdkRequest {
  readonly operation: string;
  readonly params: unknown;
  readonly httpRequest: { body: Buffer; stream?: ClientRequest };
  addListeners(list: unknown): SdkRequest;
  on(event: 'build' | 'sign', listener: (request: SdkRequest) => void): SdkRequest;
  on(
    event: 'httpDone' | 'extractData' | 'extractError',
    listener: (response: SdkResponse) => void,
  ): SdkRequest;
  on(
    event: 'httpHeaders',
    listener: (status: number, headers: IncomingHttpHeaders, response: SdkResponse) => void,
  ): SdkRequest;
  on(event: 'httpData', listener: (chunk: Buffer, response: SdkResponse) => void): SdkRequest;
  removeListener(event: string, listener: unknown): SdkRequest;
  send(callback: (error: unknown, data: unknown) => void): Promise<unknown>;
}

/** The client's build steps, called as listeners. */
export interface SdkClient {
  readonly config: unknown;
  populateHeader(request: SdkRequest): void;
  populateURI(request: SdkRequest): void;
  buildContent(request: SdkRequest): void;
  computeContentMd5(request: SdkRequest): void;
}

interface Sdk {
  readonly Client: new (config: SdkConfig) => SdkClient;
  readonly Request: new (config: unknown, operation: string, params: unknown) => SdkRequest;
  readonly EventListeners: { readonly Core: { readonly HTTP_DATA: unknown; readonly HTTP_DONE: unknown } };
  readonly Long: { fromString(text: string): SdkLong };
  readonly INF_MIN: SdkInfinity;
  readonly INF_MAX: SdkInfinity;
  readonly Condition: new (rowExistence: number, column: SdkColumnCondition | null) => SdkCondition;
  readonly SingleColumnCondition: new (
    name: string,
    value: SdkValue,
    comparator: number,
    passIfMissing: boolean,
    latestVersionOnly: boolean,
  ) => SdkColumnCondition;
  readonly CompositeCondition: new (operator: number) => SdkCompositeCondition;
  readonly ComparatorType: { readonly EQUAL: number };
  readonly LogicalOperator: { readonly AND: number };
}

/** The package under the types above. */
export const sdk = sdkModule as unknown as Sdk;
