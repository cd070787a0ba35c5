import { randomUUID } from 'node:crypto';
import { MAX_CONTROL_BODY_BYTES, MAX_TRIGGERS_PER_FUNCTION } from '../limits.ts';
import type { FunctionEntry, TriggerRecord } from '../model/records.ts';
import { FcError, invalidArgument } from './error.ts';
import { parseFields, triggerFields, triggerUpdateFields } from './fields.ts';
import { functionOf } from './function-routes.ts';
import { page } from './paging.ts';
import type { RouteParts } from './parts.ts';
import { type FcAnswer, type FcRequest, jsonBody, type Route } from './request.ts';

/** Routes of triggers. A change takes effect at once: the scheduler listens to the catalog. */
export function triggerRoutes(parts: RouteParts): readonly Route[] {
  const { catalog, now } = parts;

  const named = (request: FcRequest): { entry: FunctionEntry; trigger: TriggerRecord } => {
    const entry = functionOf(parts, request);
    const trigger = entry.triggers.get(request.params.trigger ?? '');
    if (!trigger) {
      throw new FcError(404, 'TriggerNotFound', `trigger '${request.params.trigger}' does not exist`);
    }
    return { entry, trigger };
  };

  const save = async (entry: FunctionEntry, trigger: TriggerRecord): Promise<FcAnswer> => {
    const triggers = new Map(entry.triggers).set(trigger.triggerName, trigger);
    await catalog.saveFunction({ ...entry, triggers });
    return { status: 200, json: trigger };
  };

  const create = (request: FcRequest): Promise<FcAnswer> => {
    const entry = functionOf(parts, request);
    const fields = parseFields(triggerFields, jsonBody(request));
    if (entry.triggers.has(fields.triggerName)) {
      throw new FcError(409, 'TriggerAlreadyExists', `trigger '${fields.triggerName}' already exists`);
    }
    if (entry.triggers.size >= MAX_TRIGGERS_PER_FUNCTION) {
      throw invalidArgument(`a function has at most ${MAX_TRIGGERS_PER_FUNCTION} triggers`);
    }
    const time = now();
    return save(entry, { triggerId: randomUUID(), ...fields, createdTime: time, lastModifiedTime: time });
  };

  const update = (request: FcRequest): Promise<FcAnswer> => {
    const { entry, trigger } = named(request);
    const fields = parseFields(triggerUpdateFields, jsonBody(request));
    return save(entry, {
      ...trigger,
      description: fields.description ?? trigger.description,
      invocationRole: fields.invocationRole ?? trigger.invocationRole,
      triggerConfig: fields.triggerConfig ?? trigger.triggerConfig,
      lastModifiedTime: now(),
    });
  };

  const remove = async (request: FcRequest): Promise<FcAnswer> => {
    const { entry, trigger } = named(request);
    const triggers = new Map(entry.triggers);
    triggers.delete(trigger.triggerName);
    await catalog.saveFunction({ ...entry, triggers });
    return { status: 204 };
  };

  const list = (request: FcRequest): FcAnswer => {
    const triggers = [...functionOf(parts, request).triggers.values()];
    const { items, nextToken } = page(triggers, (each) => each.triggerName, request.query);
    return { status: 200, json: { triggers: items, nextToken } };
  };

  const all = {
    pattern: '/services/:service/functions/:function/triggers',
    faultKey: 'function',
    maxBodyBytes: MAX_CONTROL_BODY_BYTES,
  };
  const one = { ...all, pattern: `${all.pattern}/:trigger` };
  return [
    { ...all, method: 'POST', operation: 'CreateTrigger', handle: create },
    { ...all, method: 'GET', operation: 'ListTriggers', handle: list },
    {
      ...one,
      method: 'GET',
      operation: 'GetTrigger',
      handle: (request) => ({ status: 200, json: named(request).trigger }),
    },
    { ...one, method: 'PUT', operation: 'UpdateTrigger', handle: update },
    { ...one, method: 'DELETE', operation: 'DeleteTrigger', handle: remove },
  ];
}
