import { randomUUID } from 'node:crypto';
import { FcError } from '../http/error.ts';
import { functionKey } from '../model/records.ts';
import type { AsyncEvent } from './event.ts';

/** States of a tracked invocation; the last five are final. */
export type TaskStatus =
  | 'Enqueued'
  | 'Running'
  | 'Retrying'
  | 'Stopping'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped'
  | 'Expired'
  | 'Invalid';

const FINAL: ReadonlySet<TaskStatus> = new Set(['Succeeded', 'Failed', 'Stopped', 'Expired', 'Invalid']);
/** Final records kept per function; the oldest go first. */
const MAX_RECORDS = 10_000;

/** The record of a tracked invocation as the API shows it; times in milliseconds. */
export interface TaskRecord {
  readonly invocationId: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly status: TaskStatus;
  readonly startedTime: number;
  readonly endTime: number;
  readonly durationMs: number;
  readonly alreadyRetriedTimes: number;
  readonly invocationErrorMessage: string;
  readonly invocationPayload: string;
  readonly returnPayload: string;
  readonly events: readonly {
    readonly eventId: string;
    readonly status: TaskStatus;
    readonly timestamp: number;
    readonly eventDetail: string;
  }[];
}

/** What a transition may change beside the state. */
export type TaskDetail = Partial<
  Pick<TaskRecord, 'alreadyRetriedTimes' | 'invocationErrorMessage' | 'returnPayload'>
>;

/** Tracked invocations by function and id. An id is used once. */
export class TaskLedger {
  private readonly functions = new Map<string, Map<string, TaskRecord>>();

  /** Takes up a task that an earlier process finished. */
  restore(serviceName: string, functionName: string, task: TaskRecord): void {
    this.tasks(serviceName, functionName).set(task.invocationId, task);
  }

  /** The task of an event, when it is tracked. */
  find(event: AsyncEvent): TaskRecord | undefined {
    if (event.invocationId === undefined) return undefined;
    return this.tasks(event.serviceName, event.functionName).get(event.invocationId);
  }

  /** Adds an accepted event; refuses an id that the function has seen. */
  begin(event: AsyncEvent, nowMs: number): void {
    const { invocationId } = event;
    if (invocationId === undefined) return;
    const tasks = this.tasks(event.serviceName, event.functionName);
    if (tasks.has(invocationId)) {
      throw new FcError(
        409,
        'StatefulAsyncInvocationAlreadyExists',
        `stateful async invocation '${invocationId}' already exists`,
      );
    }
    this.trim(tasks);
    tasks.set(invocationId, {
      invocationId,
      requestId: event.requestId,
      functionName: event.functionName,
      status: 'Enqueued',
      startedTime: nowMs,
      endTime: 0,
      durationMs: 0,
      alreadyRetriedTimes: 0,
      invocationErrorMessage: '',
      invocationPayload: event.payload.toString('utf8'),
      returnPayload: '',
      events: [{ eventId: randomUUID(), status: 'Enqueued', timestamp: nowMs, eventDetail: '' }],
    });
  }

  /** Takes back `begin` for an event that was not accepted in the end. */
  cancel(event: AsyncEvent): void {
    if (event.invocationId !== undefined) {
      this.tasks(event.serviceName, event.functionName).delete(event.invocationId);
    }
  }

  /** Moves a task on; final states stay. */
  mark(event: AsyncEvent, status: TaskStatus, nowMs: number, detail: TaskDetail = {}): void {
    if (event.invocationId === undefined) return;
    const tasks = this.tasks(event.serviceName, event.functionName);
    const task = tasks.get(event.invocationId);
    if (!task || FINAL.has(task.status)) return;
    const final = FINAL.has(status);
    tasks.set(event.invocationId, {
      ...task,
      ...detail,
      status,
      ...(final ? { endTime: nowMs, durationMs: nowMs - task.startedTime } : {}),
      events: [
        ...task.events,
        {
          eventId: randomUUID(),
          status,
          timestamp: nowMs,
          eventDetail: detail.invocationErrorMessage ?? '',
        },
      ],
    });
  }

  /** Whether somebody asked for the end of the event's task. */
  isStopping(event: AsyncEvent): boolean {
    const status = this.find(event)?.status;
    return status === 'Stopping' || status === 'Stopped';
  }

  /** One task, or 404. */
  get(serviceName: string, functionName: string, invocationId: string): TaskRecord {
    const task = this.tasks(serviceName, functionName).get(invocationId);
    if (!task) {
      throw new FcError(
        404,
        'StatefulAsyncInvocationNotFound',
        `stateful async invocation '${invocationId}' does not exist`,
      );
    }
    return task;
  }

  list(serviceName: string, functionName: string): readonly TaskRecord[] {
    return [...this.tasks(serviceName, functionName).values()];
  }

  /** Marks a task as to be stopped; returns its request id, or `undefined` when it has ended already. */
  stop(serviceName: string, functionName: string, id: string, nowMs: number): string | undefined {
    const task = this.get(serviceName, functionName, id);
    if (FINAL.has(task.status)) return undefined;
    const tasks = this.tasks(serviceName, functionName);
    const step = { eventId: randomUUID(), status: 'Stopping' as const, timestamp: nowMs, eventDetail: '' };
    tasks.set(id, { ...task, status: 'Stopping', events: [...task.events, step] });
    return task.requestId;
  }

  private tasks(serviceName: string, functionName: string): Map<string, TaskRecord> {
    const key = functionKey(serviceName, functionName);
    let tasks = this.functions.get(key);
    if (!tasks) {
      tasks = new Map();
      this.functions.set(key, tasks);
    }
    return tasks;
  }

  private trim(tasks: Map<string, TaskRecord>): void {
    if (tasks.size < MAX_RECORDS) return;
    for (const [id, task] of tasks) {
      if (!FINAL.has(task.status)) continue;
      tasks.delete(id);
      return;
    }
  }
}
