/** The commands with their options and help. Only definitions: what a command does is loaded when it is called. */
import { Command, Option } from 'commander';
import type { CommandContext, Outcome } from './context.ts';

/** A command bound to its arguments, to be executed with a context. */
export type Invocation = (context: CommandContext) => Promise<Outcome>;

/** What was asked for. */
export interface ParsedCommand {
  readonly invocation: Invocation;
  readonly options: Readonly<Record<string, unknown>>;
  /** First argument: a job file or the name of a run, for messages. */
  readonly subject: string | undefined;
  /** For example `dirty show`. */
  readonly name: string;
}

/** Where commander writes help and faults. */
export interface ProgramOutput {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly helpWidth: number | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: commander hands over options untyped; each line below states their type
type Loader = () => Promise<(context: CommandContext, ...rest: any[]) => Promise<Outcome>>;

interface Definition {
  readonly name: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly load: Loader;
  readonly define?: (command: Command) => Command;
  /** Whether `--project` means something else here. */
  readonly ownProject?: boolean;
}

const collect = (value: string, all: readonly string[] | undefined): readonly string[] => [
  ...(all ?? []),
  value,
];

const jobOptions = (command: Command): Command =>
  command
    .option('-p, --param <name=value>', 'value of a variable; may be repeated', collect)
    .option('--assign <list>', 'assignment list, for example "dt=$bizdate hour=$[hh24-1/24]"')
    .option('--bizdate <yyyymmdd>', 'business date; the run is due on the day after')
    .option('--at <time>', 'schedule time with its offset, for example 2025-03-16T00:30:00+08:00')
    .option('--error-limit <n>', 'dirty rows allowed: a number, or a share such as 0.5%');

const place = (command: Command): Command =>
  command
    .addOption(
      new Option('--on <place>', 'where the rows move: in this process, or on the deployed functions')
        .choices(['process', 'functions'])
        .default('process'),
    )
    .option('--no-wait', 'with --on functions: return when the run is started');

const limit = (command: Command, count: string, what: string): Command =>
  command.option('--limit <n>', `${what} shown at most`, count);

/** All commands, in the order of the help. */
const definitions: readonly Definition[] = [
  {
    name: 'run <job>',
    summary: 'run a job file and watch it',
    examples: [
      'millrace run orders.json',
      'millrace run orders.json --bizdate 20250315',
      'millrace run orders.json -p region=hz --local',
    ],
    define: (command) =>
      place(jobOptions(command)).option('--job-id <id>', 'name of the job; default: name of the file'),
    load: async () => (await import('./commands/run.ts')).runCommand,
  },
  {
    name: 'plan <job>',
    summary: 'show shards, types, target and effort; changes nothing',
    examples: ['millrace plan orders.json', 'millrace plan orders.json --json'],
    define: jobOptions,
    load: async () => (await import('./commands/plan.ts')).planCommand,
  },
  {
    name: 'validate <job>',
    summary: 'check a job file and tell every fault; touches no system',
    examples: ['millrace validate orders.json', 'millrace validate orders.json --assign "dt=$bizdate"'],
    define: jobOptions,
    load: async () => (await import('./commands/validate.ts')).validateCommand,
  },
  {
    name: 'resume <run>',
    summary: 'go on with a stopped or failed run from its checkpoints',
    examples: ['millrace resume last', 'millrace resume orders/20250316T000000Z --error-limit 100'],
    define: (command) =>
      place(
        command.option(
          '--error-limit <n>',
          'dirty rows allowed from now on: a number, or a share such as 0.5%',
        ),
      ),
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'cancel <run>',
    summary: 'end a run for good and remove what it left in the target',
    examples: ['millrace cancel last'],
    load: async () => (await import('./commands/cancel.ts')).cancelCommand,
  },
  {
    name: 'runs [job]',
    summary: 'list the newest runs, of all jobs or of one',
    examples: ['millrace runs', 'millrace runs orders --limit 5'],
    define: (command) => limit(command, '20', 'runs'),
    load: async () => (await import('./commands/runs.ts')).runsCommand,
  },
  {
    name: 'show <run>',
    summary: 'show a run: state, shards, failure, receipt, next step',
    examples: ['millrace show last', 'millrace show orders/20250316T000000Z --json'],
    load: async () => (await import('./commands/show.ts')).showCommand,
  },
  {
    name: 'verify <run>',
    summary: 'read the target of a run again and compare every row with the source',
    examples: ['millrace verify last', 'millrace verify orders/20250316T000000Z --json'],
    define: (command) =>
      command.option('--allow-extra', 'the target may hold rows that the run did not write'),
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'dirty show <run>',
    summary: 'show refused rows, grouped by reason',
    examples: ['millrace dirty show last', 'millrace dirty show last --export rows.jsonl'],
    define: (command) =>
      limit(command, '20', 'single rows').option(
        '--export <file>',
        'write the open rows to a new file, one JSON object per line, to be corrected',
      ),
    load: async () => (await import('./commands/dirty.ts')).dirtyShowCommand,
  },
  {
    name: 'dirty replay <run>',
    summary: 'send refused rows again, corrected, through the writer of their job',
    examples: [
      'millrace dirty replay last --file rows.jsonl',
      'millrace dirty replay last --set status=unknown --only CNV-3002',
    ],
    define: (command) =>
      command
        .option('--file <file>', 'corrected rows as exported; only these are sent')
        .option('--set <column=value>', 'value of a column in every row sent; may be repeated', collect)
        .option('--set-null <column>', 'the column becomes null in every row sent; may be repeated', collect)
        .option('--only <code>', 'only rows that were refused with this code')
        .option('--error-limit <n>', "dirty rows allowed; default: the job's limit"),
    load: async () => (await import('./commands/dirty.ts')).dirtyReplayCommand,
  },
  {
    name: 'conn list',
    summary: 'list the data sources of the project',
    examples: ['millrace conn list'],
    load: async () => (await import('./commands/conn.ts')).connListCommand,
  },
  {
    name: 'conn test <name>',
    summary: 'connect to a data source and read something harmless',
    examples: ['millrace conn test ots_orders'],
    load: async () => (await import('./commands/conn.ts')).connTestCommand,
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of job files, for editors',
    examples: ['millrace schema > job.schema.json', 'millrace schema --project > project.schema.json'],
    ownProject: true,
    define: (command) => command.option('--project', 'of the project file millrace.json instead'),
    load: async () => (await import('./commands/schema.ts')).schemaCommand,
  },
  {
    name: 'errors [code]',
    summary: 'explain an error code, or list all of them',
    examples: ['millrace errors RUN-5001', 'millrace errors'],
    load: async () => (await import('./commands/errors.ts')).errorsCommand,
  },
  {
    name: 'cloud up',
    summary: 'start the local cloud: Tablestore, OSS, Function Compute',
    examples: [
      'millrace cloud up',
      'millrace cloud up --detach --fresh',
      'millrace cloud up --faults seed=42,rate=0.1,kinds=busy+lost,services=ots',
    ],
    define: (command) =>
      command
        .option('--data <dir>', 'folder of its data; default: .millrace/data beside the project')
        .option('--detach', 'run it in the background and return when it answers')
        .option('--fresh', 'begin with empty data')
        .option('--port-base <n>', 'ports N, N+1 and N+2; default: free ones')
        .option('--faults <spec>', 'faults by seed, for example seed=42,rate=0.1; may be repeated', collect)
        .option('--faults-log <file>', 'where they are recorded; default: .millrace/faults.jsonl'),
    load: async () => (await import('./commands/cloud-up.ts')).cloudUpCommand,
  },
  {
    name: 'cloud status',
    summary: 'tell whether the local cloud answers, and where',
    examples: ['millrace cloud status --json'],
    load: async () => (await import('./commands/cloud-manage.ts')).cloudStatusCommand,
  },
  {
    name: 'cloud reset',
    summary: 'end the local cloud and remove its data',
    examples: ['millrace cloud reset'],
    define: (command) => command.option('--data <dir>', 'folder of its data'),
    load: async () => (await import('./commands/cloud-manage.ts')).cloudResetCommand,
  },
  {
    name: 'cloud down',
    summary: 'end the local cloud; its data stay',
    examples: ['millrace cloud down'],
    load: async () => (await import('./commands/cloud-manage.ts')).cloudDownCommand,
  },
];

const groups: Readonly<Record<string, string>> = {
  dirty: 'rows that were refused',
  conn: 'data sources',
  cloud: 'the local cloud',
};

/** Parses a command line. Throws a CommanderError for faults, help and version. */
export async function parseCommandLine(
  argv: readonly string[],
  version: () => string,
  output: ProgramOutput,
): Promise<ParsedCommand> {
  let parsed: ParsedCommand | undefined;
  const root = describeRoot(new Command('millrace'), version, output);
  const parents = new Map<string, Command>();
  for (const definition of definitions) {
    const [parent, own] = placeOf(definition.name, root, parents);
    define(parent, own, definition, (command) => {
      parsed = command;
    });
  }
  await root.parseAsync(argv, { from: 'user' });
  if (!parsed) throw new Error('a command line without a command is refused by commander');
  return parsed;
}

function describeRoot(root: Command, version: () => string, output: ProgramOutput): Command {
  const { writeOut, writeErr, helpWidth } = output;
  root
    .description('Data sync as durable fan-out: runs DataWorks and DataX job files, here or on functions.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut,
      writeErr,
      ...(helpWidth === undefined ? {} : { getOutHelpWidth: () => helpWidth }),
    })
    .showSuggestionAfterError()
    .addHelpText('after', ROOT_HELP);
  addGlobalOptions(root, false);
  return root.version(version(), '-V, --version', 'print the version');
}

const ROOT_HELP = `
First steps, without any account:
  millrace cloud up --detach
  millrace --local run examples/orders/measure.json
  millrace --local show last

Exit codes: 0 ok · 1 failed · 2 usage or job invalid · 3 connection or credentials · 4 dirty limit
exceeded · 5 verify mismatch · 6 stopped, resumable · 7 quota or budget · 130/143 signals`;

/** Accepted before and after the command. */
function addGlobalOptions(command: Command, ownProject: boolean): void {
  if (!ownProject)
    command.option('--project <file>', 'project file; default: millrace.json of the job or above');
  command
    .option('--local', 'use the local cloud instead of the real one (also MILLRACE_LOCAL=1)')
    .option('--json', 'print exactly one JSON object')
    .option('--ndjson', 'print events, one JSON object per line')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('-v, --verbose', 'log to the error stream, with stacks of errors');
}

/** The command that a name is defined on, and the rest of its name. */
function placeOf(name: string, root: Command, parents: Map<string, Command>): readonly [Command, string] {
  const [first = '', ...rest] = name.split(' ');
  const summary = groups[first];
  if (summary === undefined) return [root, name];
  const parent = parents.get(first) ?? root.command(first).description(summary);
  parents.set(first, parent);
  return [parent, rest.join(' ')];
}

function define(
  parent: Command,
  name: string,
  { summary, examples, load, define: addOptions, ownProject, name: fullName }: Definition,
  found: (parsed: ParsedCommand) => void,
): void {
  const command = parent.command(name).description(summary);
  addOptions?.(command);
  addGlobalOptions(command, ownProject === true);
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
  command.action((...given: unknown[]) => {
    const operands = given.slice(0, command.registeredArguments.length);
    const options = ownProject ? ownSchemaOptions(command) : mergedOptions(command);
    found({
      name: fullName.replaceAll(/ [<[].*$/g, ''),
      options: ownProject ? { ...mergedOptions(command), project: undefined } : options,
      subject: typeof operands[0] === 'string' ? operands[0] : undefined,
      invocation: async (context) => (await load())(context, ...operands, options),
    });
  });
}

const ownSchemaOptions = (command: Command): Record<string, unknown> => ({
  forProject: command.getOptionValue('project') === true,
});

/** Options of a command and of those above it; what was written counts, else the nearest default. */
function mergedOptions(command: Command): Record<string, unknown> {
  const chain: Command[] = [];
  for (let at: Command | null = command; at; at = at.parent) chain.push(at);
  const merged: Record<string, unknown> = {};
  for (const source of ['default', 'cli']) {
    for (const at of [...chain].reverse()) {
      for (const [key, value] of Object.entries(at.opts())) {
        if (at.getOptionValueSource(key) === source) merged[key] = value;
      }
    }
  }
  return merged;
}
