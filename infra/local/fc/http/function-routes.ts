import { randomUUID } from 'node:crypto';
import {
  DEFAULT_INITIALIZATION_SECONDS,
  DEFAULT_MEMORY_MB,
  DEFAULT_TIMEOUT_SECONDS,
  MAX_CONTROL_BODY_BYTES,
} from '../limits.ts';
import type { CodeStore, StoredCode } from '../model/code-store.ts';
import type { FunctionEntry, FunctionRecord } from '../model/records.ts';
import { FcError, invalidArgument } from './error.ts';
import { type FunctionFields, functionFields, parseFields, parseName, serviceNameOf } from './fields.ts';
import { page } from './paging.ts';
import type { RouteParts } from './parts.ts';
import { type FcAnswer, type FcRequest, jsonBody, type Route } from './request.ts';

/** Finds the function that the path names. */
export const functionOf = (parts: RouteParts, request: FcRequest): FunctionEntry =>
  parts.catalog.function(serviceNameOf(request.params.service ?? ''), request.params.function ?? '');

function checkedFields(body: Record<string, unknown>): FunctionFields {
  const code = body.code;
  if (typeof code === 'object' && code !== null && 'ossObjectName' in code) {
    throw invalidArgument('code: packages in OSS are not served here, send zipFile');
  }
  return parseFields(functionFields, body);
}

const storeCode = (codes: CodeStore, fields: FunctionFields): Promise<StoredCode> | undefined =>
  fields.code && codes.put(Buffer.from(fields.code.zipFile, 'base64'));

function required<T>(field: string, value: T | undefined): T {
  if (value === undefined) throw invalidArgument(`${field}: is required`);
  return value;
}

function newRecord(
  functionName: string,
  fields: FunctionFields,
  code: StoredCode,
  time: string,
): FunctionRecord {
  return {
    functionId: randomUUID(),
    functionName,
    description: fields.description ?? '',
    runtime: required('runtime', fields.runtime),
    handler: required('handler', fields.handler),
    initializer: fields.initializer ?? '',
    initializationTimeout: fields.initializationTimeout ?? DEFAULT_INITIALIZATION_SECONDS,
    timeout: fields.timeout ?? DEFAULT_TIMEOUT_SECONDS,
    memorySize: fields.memorySize ?? DEFAULT_MEMORY_MB,
    instanceConcurrency: 1,
    environmentVariables: fields.environmentVariables ?? {},
    codeSize: code.codeSize,
    codeChecksum: code.codeChecksum,
    createdTime: time,
    lastModifiedTime: time,
  };
}

/** What an update leaves out stays as it is; the map of variables is replaced as a whole. */
function changedRecord(
  before: FunctionRecord,
  fields: FunctionFields,
  code: StoredCode | undefined,
  time: string,
): FunctionRecord {
  return {
    ...before,
    description: fields.description ?? before.description,
    runtime: fields.runtime ?? before.runtime,
    handler: fields.handler ?? before.handler,
    initializer: fields.initializer ?? before.initializer,
    initializationTimeout: fields.initializationTimeout ?? before.initializationTimeout,
    timeout: fields.timeout ?? before.timeout,
    memorySize: fields.memorySize ?? before.memorySize,
    environmentVariables: fields.environmentVariables ?? before.environmentVariables,
    codeSize: code?.codeSize ?? before.codeSize,
    codeChecksum: code?.codeChecksum ?? before.codeChecksum,
    lastModifiedTime: time,
  };
}

/** Routes of functions and their code. */
export function functionRoutes(parts: RouteParts): readonly Route[] {
  const { catalog, codes, now } = parts;

  const create = async (request: FcRequest): Promise<FcAnswer> => {
    const serviceName = serviceNameOf(request.params.service ?? '');
    catalog.service(serviceName);
    const body = jsonBody(request);
    const functionName = parseName('functionName', body.functionName);
    const fields = checkedFields(body);
    const code = required('code', await storeCode(codes, fields));
    if (catalog.findFunction(serviceName, functionName)) {
      throw new FcError(409, 'FunctionAlreadyExists', `function '${functionName}' already exists`);
    }
    const record = newRecord(functionName, fields, code, now());
    await catalog.saveFunction({
      serviceName,
      record,
      codeId: code.codeId,
      revision: 1,
      triggers: new Map(),
    });
    return { status: 200, json: record };
  };

  const update = async (request: FcRequest): Promise<FcAnswer> => {
    functionOf(parts, request);
    const fields = checkedFields(jsonBody(request));
    const code = await storeCode(codes, fields);
    const before = functionOf(parts, request); // again: it may have changed while the code was stored
    const record = changedRecord(before.record, fields, code, now());
    const codeId = code?.codeId ?? before.codeId;
    await catalog.saveFunction({ ...before, record, codeId, revision: before.revision + 1 });
    return { status: 200, json: record };
  };

  const remove = async (request: FcRequest): Promise<FcAnswer> => {
    const { serviceName, record, triggers } = functionOf(parts, request);
    if (triggers.size > 0) {
      throw new FcError(409, 'FunctionNotEmpty', `function '${record.functionName}' still has triggers`);
    }
    await catalog.deleteFunction(serviceName, record.functionName);
    return { status: 204 };
  };

  const list = (request: FcRequest): FcAnswer => {
    const serviceName = serviceNameOf(request.params.service ?? '');
    catalog.service(serviceName);
    const records = catalog.listFunctions(serviceName).map((each) => each.record);
    const { items, nextToken } = page(records, (each) => each.functionName, request.query);
    return { status: 200, json: { functions: items, nextToken } };
  };

  const get = (request: FcRequest): FcAnswer => ({ status: 200, json: functionOf(parts, request).record });

  const getCode = (request: FcRequest): FcAnswer => {
    const { codeId, record } = functionOf(parts, request);
    const url = `${parts.endpoint()}/code/${codeId}.zip`;
    return { status: 200, json: { url, checksum: record.codeChecksum } };
  };

  const maxBodyBytes = MAX_CONTROL_BODY_BYTES;
  const all = { pattern: '/services/:service/functions', faultKey: 'service', maxBodyBytes };
  const one = { pattern: `${all.pattern}/:function`, faultKey: 'function', maxBodyBytes };
  return [
    { ...all, method: 'POST', operation: 'CreateFunction', handle: create },
    { ...all, method: 'GET', operation: 'ListFunctions', handle: list },
    { ...one, method: 'GET', operation: 'GetFunction', handle: get },
    { ...one, method: 'PUT', operation: 'UpdateFunction', handle: update },
    { ...one, method: 'DELETE', operation: 'DeleteFunction', handle: remove },
    {
      ...one,
      pattern: `${one.pattern}/code`,
      method: 'GET',
      operation: 'GetFunctionCode',
      handle: getCode,
    },
  ];
}
