import { defineCodes } from './define.ts';

/** RUN-5xxx: orchestration and state. */
export const runCodes = defineCodes({
  'RUN-5001': {
    title: 'the dirty limit was exceeded',
    cause: 'More rows were refused than `setting.errorLimit` allows. Unset means 0.',
    next: 'Look at them with `millrace dirty show RUN`; then correct the source, or `millrace resume RUN --error-limit N`.',
  },
  'RUN-5002': {
    title: 'a shard failed too often',
    cause: 'The same shard failed in every attempt without getting further.',
    next: 'See the last fault with `millrace show RUN`; after mending it, `millrace resume RUN`.',
  },
  'RUN-5003': {
    title: 'no such run',
    cause: 'The state store holds no run of this name.',
    next: 'List the runs with `millrace runs`.',
  },
  'RUN-5004': {
    title: 'the run cannot be resumed',
    cause: 'It succeeded already, was resumed already, or its parts were discarded.',
    next: 'Start a new run with `millrace run JOB`.',
  },
  'RUN-5005': {
    title: 'the run was canceled',
    cause: 'Somebody asked for it.',
    next: 'Start a new run with `millrace run JOB`.',
  },
  'RUN-5006': {
    title: 'the plan has too many shards',
    cause: 'A run may have at most 10,000 shards.',
    next: 'Give fewer split points.',
  },
  'RUN-5007': {
    title: 'the state store could not be used',
    cause: 'The status tables are missing, or the store is unreachable or refuses the credentials.',
    next: 'Check the `state` entry of millrace.json; locally, `millrace cloud up`.',
  },
  'RUN-5008': {
    title: 'another owner has taken over',
    cause: 'The lease expired while this worker was slow; its work continues elsewhere.',
    next: 'Nothing to do.',
  },
  'RUN-5009': {
    title: 'a state row is newer than this program',
    cause: 'The run was started by a later version.',
    next: 'Upgrade, or finish the run with the version that started it.',
  },
  'RUN-5010': {
    title: 'the function could not be invoked',
    cause: 'The function service refused or could not be reached.',
    next: 'The sweeper tries again; check the deployment if it persists.',
  },
  'RUN-5011': {
    title: 'no such job is deployed',
    cause: 'A timer names a job that the `jobs` table does not hold.',
    next: 'Deploy the job, or correct the `job` in the payload of the timer.',
  },
  'RUN-5012': {
    title: 'planning or committing never came to an end',
    cause: 'The function was ended by its time or memory limit each time before it was done.',
    next: 'Raise the limit of the orchestrator or finalizer, then `millrace resume RUN`.',
  },
  'RUN-5020': {
    title: 'the refused rows of this run cannot be replayed',
    cause: 'It has not succeeded, is a replay itself, or writes to a system that takes no single rows later.',
    next: 'A failed run is resumed with a higher limit first: `millrace resume RUN --error-limit N`.',
  },
  'RUN-5021': {
    title: 'a refused row is with another replay',
    cause:
      'A replay that is not over, or that failed and can still be resumed, has the row: it may still arrive.',
    next: 'Wait for it, or `millrace resume REPLAY --error-limit N`; `millrace dirty show RUN --json` names it.',
  },
  'RUN-5022': {
    title: 'an object of refused rows is damaged',
    cause: 'Somebody changed the object, or stored another one under its name.',
    next: 'Restore the object, or remove it: its rows are then shown as not kept.',
  },
  'RUN-5030': {
    title: 'the run cannot be verified',
    cause: 'It has not succeeded, or its writer cannot read back what it wrote.',
    next: 'Verify runs that succeeded; docs/verify.md names the writers.',
  },
});
