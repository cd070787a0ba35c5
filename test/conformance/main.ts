/**
 * Conformance suites: the embedded cloud against tests and clients of other people. They need the network or a
 * checkout, so they are run by hand: `npm run conformance -- NAME [options]`.
 */

/** Runs one suite and returns the exit code. */
type Suite = (args: readonly string[]) => Promise<number>;

const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  'ali-oss': async () => (await import('./ali-oss/suite.ts')).runAliOss,
};

async function main(name: string | undefined, args: readonly string[]): Promise<number> {
  const load = name === undefined ? undefined : SUITES[name];
  if (load) return (await load())(args);
  console.log(`usage: npm run conformance -- NAME [options]\nsuites: ${Object.keys(SUITES).join(', ')}`);
  return name === undefined ? 0 : 2;
}

const [name, ...args] = process.argv.slice(2);
process.exitCode = await main(name, args);
