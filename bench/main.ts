/** `npm run bench -- [NAME…] [options]`: measured beside peers, in one run, as ratios. */
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchOptions } from './options.ts';
import { foreignLoad } from './processor-use.ts';
import { MissingProgramError } from './programs.ts';
import { RELATIONAL_PATHS } from './relational.ts';
import { type Figure, formatReport, type Report } from './report.ts';

type Bench = (options: BenchOptions) => Promise<readonly Figure[]>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  relational: async () => (await import('./relational.ts')).benchRelational,
  export: async () => (await import('./export.ts')).benchExport,
  codecs: async () => (await import('./codecs.ts')).benchCodecs,
  cloud: async () => (await import('./cloud.ts')).benchCloud,
  skew: async () => (await import('./skew.ts')).benchSkew,
};

const USAGE = `usage: npm run bench -- [NAME…] [--rows N] [--pairs N] [--only PATH,…] [--json] [--profile FOLDER]
names: ${Object.keys(BENCHES).join(', ')}; all of them if none is given
paths of relational, also as names: ${RELATIONAL_PATHS.join(', ')}`;

/** What the command line asks for; paths as names mean `relational` with only these. */
interface Request {
  readonly names: readonly string[];
  readonly options: Omit<BenchOptions, 'leaveOut'>;
  readonly json: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const request = parse(args);
  if (!request) {
    console.error(USAGE);
    return 2;
  }
  let reached = true;
  for (const name of request.names) {
    const report = await measure(name, request.options);
    console.log(request.json ? JSON.stringify(report) : formatReport(report));
    reached &&= report.figures.every((figure) => figure.ok !== false);
  }
  return reached ? 0 : 1;
}

async function measure(name: string, options: Request['options']): Promise<Report> {
  const bench = await BENCHES[name]!();
  const load = await foreignLoad();
  const leftOut: string[] = [];
  const figures = await bench({ ...options, leaveOut: (line) => leftOut.push(line) });
  return {
    bench: name,
    node: process.versions.node,
    cores: os.cpus().length,
    foreignLoad: load,
    figures,
    leftOut,
  };
}

function parse(args: readonly string[]): Request | undefined {
  const text = { type: 'string' } as const;
  const options = { rows: text, pairs: text, only: text, profile: text, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const paths = [...positionals.filter(isPath), ...(values.only?.split(',') ?? [])];
    const names = positionals.filter((name) => !isPath(name));
    if (paths.length > 0 && !names.includes('relational')) names.unshift('relational');
    const known = names.every((name) => Object.hasOwn(BENCHES, name)) && paths.every(isPath);
    if (!known) return undefined;
    return {
      names: names.length > 0 ? names : Object.keys(BENCHES),
      json: values.json ?? false,
      options: {
        rows: count(values.rows),
        pairs: count(values.pairs),
        only: paths.length > 0 ? paths : undefined,
        profile: values.profile,
      },
    };
  } catch {
    return undefined;
  }
}

const isPath = (name: string): boolean => RELATIONAL_PATHS.includes(name);

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new RangeError(`no count: ${text}`);
  return Number(text);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof MissingProgramError)) throw error;
  console.error(error.message);
  return 2;
});
