import { randomUUID } from 'node:crypto';
import { MAX_CONTROL_BODY_BYTES } from '../limits.ts';
import type { ServiceRecord } from '../model/records.ts';
import { FcError } from './error.ts';
import { parseFields, parseName, serviceFields, serviceNameOf } from './fields.ts';
import { page } from './paging.ts';
import type { RouteParts } from './parts.ts';
import { type FcAnswer, type FcRequest, jsonBody, type Route } from './request.ts';

/** Routes of services. */
export function serviceRoutes({ catalog, now }: RouteParts): readonly Route[] {
  const named = (request: FcRequest): ServiceRecord =>
    catalog.service(serviceNameOf(request.params.service ?? ''));

  const create = async (request: FcRequest): Promise<FcAnswer> => {
    const body = jsonBody(request);
    const serviceName = parseName('serviceName', body.serviceName);
    const fields = parseFields(serviceFields, body);
    if (catalog.findService(serviceName)) {
      throw new FcError(409, 'ServiceAlreadyExists', `service '${serviceName}' already exists`);
    }
    const time = now();
    const record: ServiceRecord = {
      serviceId: randomUUID(),
      serviceName,
      description: fields.description ?? '',
      role: fields.role ?? '',
      internetAccess: fields.internetAccess ?? true,
      ...(fields.logConfig ? { logConfig: fields.logConfig } : {}),
      ...(fields.vpcConfig ? { vpcConfig: fields.vpcConfig } : {}),
      createdTime: time,
      lastModifiedTime: time,
    };
    await catalog.saveService(record);
    return { status: 200, json: record };
  };

  const update = async (request: FcRequest): Promise<FcAnswer> => {
    const before = named(request);
    const { description, role, internetAccess, logConfig, vpcConfig } = parseFields(
      serviceFields,
      jsonBody(request),
    );
    const record: ServiceRecord = {
      ...before,
      description: description ?? before.description,
      role: role ?? before.role,
      internetAccess: internetAccess ?? before.internetAccess,
      ...(logConfig ? { logConfig } : {}),
      ...(vpcConfig ? { vpcConfig } : {}),
      lastModifiedTime: now(),
    };
    await catalog.saveService(record);
    return { status: 200, json: record };
  };

  const remove = async (request: FcRequest): Promise<FcAnswer> => {
    const { serviceName } = named(request);
    if (catalog.listFunctions(serviceName).length > 0) {
      throw new FcError(409, 'ServiceNotEmpty', `service '${serviceName}' still has functions`);
    }
    await catalog.deleteService(serviceName);
    return { status: 204 };
  };

  const list = ({ query }: FcRequest): FcAnswer => {
    const { items, nextToken } = page(catalog.listServices(), (each) => each.serviceName, query);
    return { status: 200, json: { services: items, nextToken } };
  };

  const maxBodyBytes = MAX_CONTROL_BODY_BYTES;
  const one = { pattern: '/services/:service', faultKey: 'service', maxBodyBytes };
  return [
    { method: 'POST', pattern: '/services', operation: 'CreateService', maxBodyBytes, handle: create },
    { method: 'GET', pattern: '/services', operation: 'ListServices', maxBodyBytes, handle: list },
    {
      ...one,
      method: 'GET',
      operation: 'GetService',
      handle: (request) => ({ status: 200, json: named(request) }),
    },
    { ...one, method: 'PUT', operation: 'UpdateService', handle: update },
    { ...one, method: 'DELETE', operation: 'DeleteService', handle: remove },
  ];
}
