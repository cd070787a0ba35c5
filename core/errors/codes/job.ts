import { defineCodes } from './define.ts';

/** JOB-1xxx: the job file, scheduling parameters, data sources and the project file. */
export const jobCodes = defineCodes({});
