export { type Code, type CodeSpec, codes, findCode } from './codes/index.ts';
export {
  AlreadyDoneError,
  AssertionError,
  asSyncError,
  assert,
  ConfigError,
  type ConfigFault,
  type FaultKind,
  FencedError,
  type Place,
  SyncError,
  UnknownOutcomeError,
} from './sync-error.ts';
