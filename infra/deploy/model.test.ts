import { expect, test } from 'vitest';
import { DeployModelError, parseDeployModel, readDeployModel } from './model.ts';

const BASE = `
service: s
provider: { name: aliyun, runtime: nodejs20, memorySize: 256, timeout: 60 }
functions:
  f:
    handler: functions/f/index.handler
`;

function faultsOf(text: string): readonly string[] {
  try {
    parseDeployModel(text);
  } catch (error) {
    if (error instanceof DeployModelError) return error.faults;
    throw error;
  }
  return [];
}

test("the repository's own file", async () => {
  const model = await readDeployModel('serverless.yml');
  expect(model.service).toBe('millrace');
  expect(
    model.functions.map((each) => [each.name, each.memoryMb, each.timeoutSeconds, each.maximumRetryAttempts]),
  ).toEqual([
    ['orchestrator', 256, 300, 1],
    ['worker', 512, 600, 1],
    ['finalizer', 256, 300, 1],
    ['sweeper', 256, 60, 0],
  ]);
  expect(model.functions.map((each) => each.handler)).toEqual(
    ['orchestrator', 'worker', 'finalizer', 'sweeper'].map((name) => `functions/${name}/index.handler`),
  );
  expect(model.functions[3]?.timers).toEqual([
    { name: 'sweep', cron: '@every 1m', payload: '', enabled: true },
  ]);
});

test('a function inherits from the provider and overrides it', () => {
  const model = parseDeployModel(`${BASE}    timeout: 7\n    environment: { A: x }\n`);
  expect(model.functions[0]).toMatchObject({
    memoryMb: 256,
    timeoutSeconds: 7,
    runtime: 'nodejs20',
    maximumRetryAttempts: 3,
    environment: [{ name: 'A', value: 'x' }],
  });
});

test('environment references', () => {
  const text = `${BASE}    environment: { A: '\${env:X}', B: "\${env:Y, 'd'}", C: "\${env:Z, ''}" }\n`;
  expect(parseDeployModel(text).functions[0]?.environment).toEqual([
    { name: 'A', from: 'X' },
    { name: 'B', from: 'Y', value: 'd' },
    { name: 'C', from: 'Z', value: '' },
  ]);
});

test.each([
  ['a root key', `${BASE}custom: 1\n`, 'custom: unknown key'],
  ['a provider key', BASE.replace('timeout: 60', 'timeout: 60, vpc: 1'), 'provider.vpc: unknown key'],
  ['a function key', `${BASE}    memorysize: 512\n`, 'functions.f.memorysize: unknown key'],
  ['an event', `${BASE}    events: [{ oss: {} }]\n`, 'functions.f.events.0.oss: unknown key'],
  [
    'a timer key',
    `${BASE}    events: [{ timer: { name: t, cron: '@every 1m', rate: 1 } }]\n`,
    'functions.f.events.0.timer.rate: unknown key',
  ],
  ['another provider', BASE.replace('aliyun', 'aws'), 'provider.name: Invalid input: expected "aliyun"'],
  ['an unknown reference', `${BASE}    environment: { A: '\${self:x}' }\n`, 'environment.A: only'],
  [
    'a repeated timer',
    `${BASE}    events: [{ timer: { name: t, cron: a } }, { timer: { name: t, cron: b } }]\n`,
    "functions.f.events: timer 't' appears twice",
  ],
  ['a memory size off the grid', `${BASE}    memorySize: 300\n`, 'functions.f.memorySize:'],
  ['a handler without method', BASE.replace('index.handler', 'index'), 'functions.f.handler: must have'],
  ['a repeated key', `${BASE}    timeout: 1\n    timeout: 2\n`, 'Map keys must be unique'],
])('refuses %s', (_name, text, expected) => {
  expect(faultsOf(text).join('\n')).toContain(expected);
});

test('reports all findings at once', () => {
  expect(faultsOf(`${BASE}    timeout: 0\n    memorySize: 1\nextra: 1\n`).length).toBeGreaterThanOrEqual(3);
});
