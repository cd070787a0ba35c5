import type { SecretSource } from '../../core/job/index.ts';

/** Secrets of a function: variables of its environment. A function has no files of its own. */
export const environmentSecrets: SecretSource = {
  env: (name) => process.env[name],
  file: () => undefined,
};
