export { MASK, Secret, type SecretSource } from '../security/secret.ts';
export { type DataSource, type DataSources, mergeDataSource } from './data-source.ts';
export { DEFAULT_TIME_ZONE } from './dialects/settings.ts';
export { jobJsonSchema } from './json-schema.ts';
export { type LoadedJob, type LoadOptions, loadJob } from './load-job.ts';
export type {
  DirtyRowsModel,
  ErrorLimitModel,
  JobModel,
  JsonObject,
  JsonValue,
  SpeedModel,
  StepModel,
} from './model.ts';
export {
  type ParsedProject,
  type Project,
  type ProjectBasics,
  type ProjectFunctions,
  type ProjectState,
  parseProject,
  projectSchema,
} from './project.ts';
export { packProjectText, unpackProjectText } from './project-text.ts';
export { resolveSecrets } from './secrets.ts';
export type { Side } from './steps/load-step.ts';
export { resolveStep } from './steps/resolve-step.ts';
export { type ScheduleOptions, type ScheduleTime, scheduleTime } from './time/schedule.ts';
