import { defineCodes } from './define.ts';

/** CLI-0xxx: the command line, the project folder and the local cloud. */
export const cliCodes = defineCodes({
  'CLI-0001': {
    title: 'the command line was not understood',
    cause: 'A command, argument or option is unknown, missing, or has a value that it does not take.',
    next: 'See `millrace --help`, or `millrace COMMAND --help`.',
  },
  'CLI-0002': {
    title: 'a file cannot be read',
    cause: 'It does not exist, is a folder, or may not be opened.',
    next: 'Check the path; relative paths count from the current folder.',
  },
  'CLI-0003': {
    title: 'no project file was found',
    cause: 'There is no `millrace.json` in the folder of the job, in the current folder, or above them.',
    next: 'Create one (docs/cli.md shows it), or name it with `--project FILE`.',
  },
  'CLI-0004': {
    title: 'no local cloud is running',
    cause: '`--local` sends everything to the local cloud, and it was not started here or has ended.',
    next: 'Start it with `millrace cloud up --detach`.',
  },
  'CLI-0005': {
    title: 'the name of the run is not unique',
    cause: 'Several runs match what was given.',
    next: 'Give it as `JOB/RUN`; `millrace runs` lists them.',
  },
  'CLI-0006': {
    title: 'the local cloud is running already',
    cause: 'Another process serves the local cloud of this folder.',
    next: 'Use it, or end it with `millrace cloud down`.',
  },
  'CLI-0007': {
    title: 'the local cloud did not start',
    cause: 'A port is taken, the data folder cannot be written, or a service failed.',
    next: 'Read the named reason; `--port-base N` chooses other ports, `--fresh` empty data.',
  },
  'CLI-0008': {
    title: 'the project has no functions',
    cause: '`--on functions` needs the `functions` entry of millrace.json: where the functions are deployed.',
    next: 'Add it, or leave out `--on functions` to run in this process.',
  },
  'CLI-0009': {
    title: 'the data source cannot be tested',
    cause: 'Its type has no connection to try.',
    next: 'Nothing to do; `millrace plan JOB` tries the whole job.',
  },
  'CLI-0010': {
    title: 'a file of corrected rows cannot be used',
    cause: 'A line is no JSON object, names a row that was not refused, or does not hold the whole row.',
    next: 'Export the rows with `millrace dirty show RUN --export FILE`, and edit only what stands in `row`.',
  },
  'CLI-0011': {
    title: 'a file cannot be written',
    cause: 'It exists already, its folder does not, or the folder may not be written.',
    next: 'Name another file; nothing is ever overwritten.',
  },
});
