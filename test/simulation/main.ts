/** `npm run test:sim -- --seed S --count N [--mutant NAME] [--set faults.crash=0] [--trace]
 * [--json]`, or `-- --mutants` for the first seed that catches each mutant. `--json` prints reduced scenarios as
 * `cases/` keeps them. */
import { parseArgs } from 'node:util';
import { mutants } from './mutants/index.ts';
import { reduce } from './reduce.ts';
import { failureReport, Tally } from './report.ts';
import { drawScenario, type Scenario, withNumber } from './scenario.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '100' },
    set: { type: 'string', multiple: true, default: [] },
    mutant: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

/** A scenario with the settings of the command line. */
function scenarioOf(seed: number): Scenario {
  return values.set.reduce((scenario, setting) => {
    const [path = '', value = ''] = setting.split('=');
    return withNumber(scenario, path, Number(value));
  }, drawScenario(seed));
}

async function playAll(first: number, count: number): Promise<number> {
  const mutant = mutants.find(({ name }) => name === values.mutant);
  if (values.mutant !== undefined && !mutant) throw new Error(`no such mutant: ${values.mutant}`);
  const tally = new Tally();
  for (let seed = first; seed < first + count; seed++) {
    const outcome = await simulate(scenarioOf(seed), mutant, values.trace ? console.log : undefined);
    tally.add(outcome);
    if (count === 1) console.log(`seed ${seed}: ${outcome.ends.join()}, trace ${outcome.hash}`);
    if (outcome.violations.length === 0) continue;
    const reduced = await reduce(outcome.scenario, mutant);
    console.log(failureReport(outcome, reduced, mutant?.name));
    if (values.json) console.log(JSON.stringify(reduced.scenario));
  }
  console.log(tally.summary());
  return tally.failed;
}

/** The first seed that catches each mutant. */
async function playMutants(first: number, count: number): Promise<number> {
  let survivors = 0;
  for (const mutant of mutants) {
    let caught: string | undefined;
    for (let seed = first; seed < first + count && caught === undefined; seed++) {
      const { violations } = await simulate(scenarioOf(seed), mutant);
      if (violations.length > 0) caught = `seed ${seed}: ${violations[0]}`;
    }
    if (caught === undefined) survivors++;
    console.log(`${mutant.name}: ${caught ?? 'NOT CAUGHT'}`);
  }
  return survivors;
}

const play = values.mutants ? playMutants : playAll;
process.exitCode = (await play(Number(values.seed), Number(values.count))) > 0 ? 1 : 0;
