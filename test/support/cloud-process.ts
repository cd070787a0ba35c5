/** Entry of a child process that is the whole local cloud; the test drives it over the process channel. */
import { type Decision, firstFault, parseFaultSpec, seededFaults } from '../../infra/faults/index.ts';
import { LOCAL_ACCOUNT, type LocalCloud, startLocalCloud } from '../../infra/local/cloud.ts';
import type { FaultRule } from '../../infra/local/service.ts';
import type { CloudAnswer, CloudCommand, Message } from './cloud-child.ts';
import { CrashWatch, type HeldCall } from './crash-watch.ts';
import { type SourceRow, sourceRows } from './dataset.ts';
import { narrowRows } from './narrow-dataset.ts';

let cloud: LocalCloud | undefined;
/** Asynchronous deliveries so far, for rules by ordinal. */
let deliveries = 0;
/** What the functions wrote last. */
const logs: string[] = [];
const MAX_LOGS = 300;
const DEFAULT_MAX_INSTANCES = 40;

function keepLog(line: string): void {
  logs.push(line);
  if (logs.length > MAX_LOGS) logs.shift();
}

/** Calls that take longer than they would, so that a test can act while they run. */
let slow: { readonly operation: string; readonly key: string; readonly ms: number } | undefined;

const slowDown: FaultRule = ({ operation, key }) =>
  slow && operation === slow.operation && key.includes(slow.key) ? { kind: 'delay', ms: slow.ms } : undefined;

/** Seeded faults, and what they were. */
let seeded: FaultRule | undefined;
let decisions: Decision[] = [];

function setFaults(specs: readonly string[]): void {
  const kept: Decision[] = [];
  decisions = kept;
  const rules = specs.map((spec) => seededFaults(parseFaultSpec(spec), (decision) => kept.push(decision)));
  seeded = rules.length === 0 ? undefined : firstFault(rules);
}

/** Kills instances at chosen calls, once a test asked for it. */
let crashes: CrashWatch | undefined;
/** Calls that wait for the test, by number. */
const held = new Map<number, () => void>();
let holds = 0;

function watchCrashes(): CrashWatch {
  const { ots, oss, fc } = running();
  const cloud = {
    ports: { ots: ots.port, oss: oss.port, fc: fc.port },
    instances: () => fc.instances(),
    killInstance: (instanceId: string) => fc.killInstance(instanceId),
  };
  return new CrashWatch(cloud, holdCall);
}

const holdCall = (call: HeldCall): Promise<void> =>
  new Promise((resolve) => {
    const hold = ++holds;
    held.set(hold, resolve);
    process.send?.({ hold, call });
  });

function letGo(hold: number): void {
  held.get(hold)?.();
  held.delete(hold);
}

/** Messages that functions sent, for a test that delivers them itself. */
let messages: Message[] = [];

function keepMessages(): void {
  running().fc.asyncFaults = ({ functionName, payload }) => {
    messages.push({ functionName, event: Buffer.from(payload).toString('utf8') });
    return 'drop';
  };
}

/** Those that were accepted have all arrived once nothing is queued. */
async function takeMessages(): Promise<readonly Message[]> {
  await running().fc.idle();
  const taken = messages;
  messages = [];
  return taken;
}

async function perform(command: CloudCommand): Promise<CloudAnswer['result']> {
  switch (command.do) {
    case 'start':
      cloud = await startLocalCloud({
        buckets: ['exports'],
        faults: (point) => crashes?.rule(point) ?? slowDown(point) ?? seeded?.(point),
        ...(command.dataDir ? { dataDir: command.dataDir } : {}),
        fc: {
          maxInstances: command.maxInstances ?? DEFAULT_MAX_INSTANCES,
          ...(command.environment ? { environment: command.environment } : {}),
          onLog: (line) => keepLog(JSON.stringify(line)),
        },
      });
      return {
        ots: cloud.ots.endpoint,
        oss: cloud.oss.endpoint,
        fc: cloud.fc.endpoint,
        accountId: LOCAL_ACCOUNT,
        accessKeyId: cloud.accessKeyId,
        accessKeySecret: cloud.accessKeySecret,
      };
    case 'load':
      return { loaded: running().ots.bulkLoad(command.table, rowsOf(command)) };
    case 'busy':
      return { ids: busy(command.functionName) };
    case 'kill':
      return { killed: running().fc.killInstance(command.instanceId) };
    case 'deliver':
      deliver(command.rule);
      return {};
    case 'slow':
      slow = command.call;
      return {};
    case 'faults':
      setFaults(command.specs);
      return {};
    case 'decisions':
      return { decisions };
    case 'watch':
      crashes ??= watchCrashes();
      crashes.begin(command.orders);
      return {};
    case 'watched':
      return { ...crashes?.report() };
    case 'keep messages':
      keepMessages();
      return {};
    case 'messages':
      return { messages: await takeMessages() };
    case 'go on':
      letGo(command.hold);
      return {};
    case 'idle':
      await running().fc.idle();
      return {};
    case 'logs':
      return { lines: logs };
    case 'stats':
      return { fc: running().fc.stats() };
    case 'close':
      await cloud?.close();
      return {};
    default:
      return command satisfies never;
  }
}

const rowsOf = ({ from, to, rows }: Extract<CloudCommand, { do: 'load' }>): Iterable<SourceRow> =>
  rows === 'narrow' ? narrowRows(from, to) : sourceRows(from, to);

function deliver(rule: 'all' | 'double' | 'drop-fifth'): void {
  running().fc.asyncFaults = rule === 'all' ? undefined : () => verdict(rule);
}

/** Every message twice, or one in five of them lost. */
function verdict(rule: 'double' | 'drop-fifth'): 'deliver' | 'double' | 'drop' {
  if (rule === 'double') return 'double';
  return deliveries++ % 5 === 2 ? 'drop' : 'deliver';
}

function running(): LocalCloud {
  if (!cloud) throw new Error('the cloud is not started');
  return cloud;
}

const busy = (functionName: string): string[] =>
  running()
    .fc.instances()
    .filter((instance) => instance.functionName === functionName && instance.state === 'busy')
    .map((instance) => instance.instanceId);

process.on('message', (request: { id: number; command: CloudCommand }) => {
  perform(request.command).then(
    (result) => process.send?.({ id: request.id, result }),
    (error: unknown) =>
      process.send?.({ id: request.id, error: String(error instanceof Error ? error.stack : error) }),
  );
});
process.on('disconnect', () => process.exit(0));
