/** `npm run bench -- NAME [--json] [--rows N] [--pairs N]`: measured beside peers, in one run, as ratios. */
import os from 'node:os';
import type { BenchOptions } from './options.ts';
import { type Figure, formatReport, type Report } from './report.ts';

type Bench = (options: BenchOptions) => Promise<readonly Figure[]>;

const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  export: async () => (await import('./export.ts')).benchExport,
  codecs: async () => (await import('./codecs.ts')).benchCodecs,
  cloud: async () => (await import('./cloud.ts')).benchCloud,
  relational: async () => (await import('./relational.ts')).benchRelational,
  skew: async () => (await import('./skew.ts')).benchSkew,
};

const DEFAULT_PAIRS = 3;

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg, i) => !arg.startsWith('--') && !args[i - 1]?.match(/^--(rows|pairs)$/));
  const load = BENCHES[names[0] ?? ''];
  if (names.length !== 1 || !load) {
    console.error(
      `usage: npm run bench -- NAME [--json] [--rows N] [--pairs N]\nnames: ${Object.keys(BENCHES).join(', ')}`,
    );
    return 2;
  }
  const bench = await load();
  const figures = await bench({
    rows: option(args, '--rows'),
    pairs: option(args, '--pairs') ?? DEFAULT_PAIRS,
  });
  const report: Report = {
    bench: names[0] ?? '',
    node: process.versions.node,
    cores: os.cpus().length,
    figures,
  };
  console.log(args.includes('--json') ? JSON.stringify(report) : formatReport(report));
  return figures.every((figure) => figure.ok !== false) ? 0 : 1;
}

function option(args: readonly string[], name: string): number | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : Number(args[at + 1]);
}

process.exitCode = await main(process.argv.slice(2));
