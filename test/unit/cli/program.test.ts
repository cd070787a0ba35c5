import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wantsColor } from '../../../cli/output.ts';
import { parseCommandLine } from '../../../cli/program.ts';
import { CapturedIo, cli } from './captured-io.ts';

const quiet = { writeOut: () => undefined, writeErr: () => undefined, helpWidth: 100 };
const parse = (...argv: string[]) => parseCommandLine(argv, () => '1.2.3', quiet);

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'millrace-program-'));
});
afterAll(() => rm(cwd, { recursive: true }));

describe('command line', () => {
  test('global options count before and after the command', async () => {
    const before = await parse('--local', '--no-color', 'run', 'a.json');
    const after = await parse('run', 'a.json', '--local', '--no-color');
    expect(before.options).toEqual(after.options);
    expect(after.options).toMatchObject({ local: true, color: false, on: 'process', wait: true });
    expect(after).toMatchObject({ name: 'run', subject: 'a.json' });
  });

  test('parameters collect', async () => {
    expect((await parse('plan', 'j', '-p', 'a=1', '--param', 'b=2')).options.param).toEqual(['a=1', 'b=2']);
  });

  test('`schema --project` is a flag, elsewhere it names a file', async () => {
    expect((await parse('schema', '--project')).name).toBe('schema');
    expect((await parse('runs', '--project', 'x.json')).options.project).toBe('x.json');
  });

  test('the names of all commands', async () => {
    const names = [
      'dirty show r',
      'dirty replay r',
      'conn list',
      'conn test n',
      'cloud up',
      'cloud status',
      'cloud reset',
      'cloud down',
    ];
    for (const name of names) expect((await parse(...name.split(' '))).name).toBe(name.replace(/ [rn]$/, ''));
  });

  test('every example of every help is a command line that parses', async () => {
    const help = await cli(['--help'], { cwd });
    const commands = [...help.out.matchAll(/^ {2}([a-z]+)\b(?= .*\[)/gm)].map((match) => match[1] ?? '');
    expect(commands).toContain('run');
    let examples = 0;
    for (const command of [
      ...commands.map((name) => [name]),
      ['cloud', 'up'],
      ['dirty', 'show'],
      ['dirty', 'replay'],
      ['conn', 'test'],
    ]) {
      const { out } = await cli([...command, '--help'], { cwd });
      for (const line of out.split('Examples:')[1]?.trim().split('\n') ?? []) {
        const words =
          line
            .trim()
            .replace(/ >.*/, '')
            .match(/"[^"]*"|\S+/g) ?? [];
        await parse(...words.slice(1).map((word) => word.replaceAll('"', '')));
        examples++;
      }
    }
    expect(examples).toBeGreaterThan(15);
  });
});

describe('usage faults', () => {
  test.each([
    [['rnu', 'x'], /unknown command 'rnu'.*Did you mean run/],
    [['run'], /missing required argument 'job'/],
    [['run', 'a', '--lokal'], /unknown option '--lokal'.*--local/],
    [['run', 'a', '--on', 'mars'], /--on <place>.*invalid.*process, functions/],
    [['runs', 'a', 'b'], /too many arguments/],
    [['dirty'], /a command is needed|Usage/],
  ])('%j', async (argv, expected) => {
    const { code, out, err } = await cli(argv, { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(out).toBe('');
  });

  test('with --json they are one object', async () => {
    const { code, out } = await cli(['run', '--json'], { cwd });
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: 2, error: { code: 'CLI-0001' } });
  });

  test.each([
    [['run', 'nope.json'], 'CLI-0002'],
    [['run', '.'], 'CLI-0002'],
    [['runs'], 'CLI-0003'],
    [['runs', '--limit', '0'], 'CLI-0001'],
    [['errors', 'X-1'], 'CLI-0001'],
    [['run', 'x', '--no-wait'], 'CLI-0001'],
    [['cloud', 'up', '--port-base', '99999'], 'CLI-0001'],
    [['cloud', 'status'], 'CLI-0004'],
  ])('%j → %s', async (argv, expected) => {
    const { code, out, err } = await cli([...argv, '--json'], { cwd });
    expect(JSON.parse(out)).toMatchObject({ ok: false, exitCode: code, error: { code: expected } });
    expect(err).toContain(expected);
    expect(err).not.toContain('    at ');
  });

  test('a stack only when asked for', async () => {
    expect((await cli(['run', 'nope.json', '-v'], { cwd })).err).toContain('    at ');
  });
});

describe('help, version, texts', () => {
  test('help and version are no faults', async () => {
    expect(await cli(['--help'], { cwd })).toMatchObject({ code: 0, err: '' });
    expect((await cli(['--version'], { cwd })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await cli([], { cwd })).code).toBe(2);
  });

  test('an error is explained', async () => {
    const { code, out } = await cli(['errors', 'run-5001'], { cwd });
    expect(code).toBe(0);
    expect(out).toContain('RUN-5001  the dirty limit was exceeded');
    expect((await cli(['errors', 'RUN-501'], { cwd })).err).toContain('did you mean RUN-50');
  });

  test('the schemas are JSON in every mode', async () => {
    const job = JSON.parse((await cli(['schema'], { cwd })).out);
    expect(job).toMatchObject({ title: 'Millrace job' });
    expect(JSON.parse((await cli(['schema', '--json'], { cwd })).out)).toEqual(job);
    const project = JSON.parse((await cli(['schema', '--project'], { cwd })).out);
    expect(Object.keys(project.properties)).toEqual(
      expect.arrayContaining(['dataSources', 'state', 'functions']),
    );
  });

  test.each([
    [{}, true, true, true],
    [{ NO_COLOR: '1' }, true, true, false],
    [{ NO_COLOR: '' }, true, true, true],
    [{ CI: 'true' }, true, true, false],
    [{ TERM: 'dumb' }, true, true, false],
    [{}, false, true, false],
    [{ FORCE_COLOR: '1' }, false, true, true],
    [{ FORCE_COLOR: '1' }, false, false, false],
  ])('colours: env %j, terminal %s, flag %s → %s', (env, isTTY, flag, expected) => {
    expect(wantsColor(new CapturedIo({ cwd, env, isTTY }), flag)).toBe(expected);
  });
});
