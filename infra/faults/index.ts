/** Faults for the embedded cloud that repeat with their seed. */
export { SERVICES, type ServiceName } from './operations.ts';
export { type Decision, decide, firstFault, seededFaults } from './seeded.ts';
export {
  DEFAULT_PROFILE,
  type FaultName,
  type FaultProfile,
  FaultSpecError,
  KINDS,
  parseFaultSpec,
  SPEC_KEYS,
} from './spec.ts';
