/** Checks of the fields of control-plane bodies. Unknown fields are ignored, as the platform does. */
import { z } from 'zod';
import { parseDestination } from '../async/destination.ts';
import {
  MAX_ASYNC_AGE_SECONDS,
  MAX_ASYNC_PAYLOAD_BYTES,
  MAX_ASYNC_RETRIES,
  MAX_ENVIRONMENT_BYTES,
  MAX_INITIALIZATION_SECONDS,
  MAX_MEMORY_MB,
  MAX_TIMEOUT_SECONDS,
  MEMORY_STEP_MB,
  MIN_MEMORY_MB,
} from '../limits.ts';
import { parseSchedule } from '../timer/expression.ts';
import { FcError, invalidArgument } from './error.ts';

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,127}$/, 'must match [A-Za-z_][A-Za-z0-9_-]{0,127}');
const triggerNames = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,127}$/, 'must match [A-Za-z][A-Za-z0-9_-]*');
const entry = z.string().regex(/^[^\s.]+(\/[^\s.]+)*\.[A-Za-z_$][\w$]*$/, 'must have the form file.method');
const seconds = (max: number) => z.int().min(1).max(max);

/** Names the platform keeps for itself. */
const RESERVED_VARIABLE = /^(FC_.*|accessKeyID|accessKeySecret|securityToken|topic)$/;

const variable = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must start with a letter and hold letters, digits and _')
  .refine((text) => !RESERVED_VARIABLE.test(text), { error: 'is reserved by the platform' });

const environment = z
  .record(variable, z.string())
  .refine((all) => Buffer.byteLength(Object.entries(all).flat().join('')) <= MAX_ENVIRONMENT_BYTES, {
    error: `names and values exceed ${MAX_ENVIRONMENT_BYTES} bytes`,
  });

/** Body of create and update service. */
export const serviceFields = z.object({
  description: z.string().max(256).optional(),
  role: z.string().optional(),
  internetAccess: z.boolean().optional(),
  logConfig: z.record(z.string(), z.unknown()).optional(),
  vpcConfig: z.record(z.string(), z.unknown()).optional(),
});

/** Body of create and update function; a new one also needs name, handler, runtime and code. */
export const functionFields = z.object({
  description: z.string().max(256).optional(),
  runtime: z.enum(['nodejs12', 'nodejs14', 'nodejs16', 'nodejs18', 'nodejs20']).optional(),
  handler: entry.optional(),
  initializer: z.union([z.literal(''), entry]).optional(),
  initializationTimeout: seconds(MAX_INITIALIZATION_SECONDS).optional(),
  timeout: seconds(MAX_TIMEOUT_SECONDS).optional(),
  memorySize: z.int().min(MIN_MEMORY_MB).max(MAX_MEMORY_MB).multipleOf(MEMORY_STEP_MB).optional(),
  // Built-in Node.js runtimes of the current platform generation run one request per instance.
  instanceConcurrency: z.literal(1, { error: 'must be 1 for a built-in runtime' }).optional(),
  environmentVariables: environment.optional(),
  code: z.object({ zipFile: z.base64({ error: 'must be base64' }) }).optional(),
});

/** Fields of a checked function body. */
export type FunctionFields = z.output<typeof functionFields>;

const timerConfig = z.object({
  payload: z
    .string()
    .refine((text) => Buffer.byteLength(text) <= MAX_ASYNC_PAYLOAD_BYTES, { error: 'is too long' })
    .default(''),
  cronExpression: z.string().superRefine((text, context) => {
    try {
      parseSchedule(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  }),
  enable: z.boolean().default(true),
});

/** Body of create trigger. */
export const triggerFields = z.object({
  triggerName: triggerNames,
  triggerType: z.literal('timer', { error: 'only timer triggers are served here' }),
  description: z.string().max(256).default(''),
  invocationRole: z.string().default(''),
  sourceArn: z.string().default(''),
  qualifier: z.literal('LATEST', { error: 'only LATEST exists here' }).default('LATEST'),
  triggerConfig: timerConfig,
});

/** Body of update trigger: what is absent stays. */
export const triggerUpdateFields = z.object({
  description: z.string().max(256).optional(),
  invocationRole: z.string().optional(),
  triggerConfig: timerConfig.optional(),
});

const destination = z.object({
  destination: z.string().superRefine((arn, context) => {
    try {
      parseDestination(arn);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  }),
});

/** Body of put async configuration; the call replaces the whole configuration. */
export const asyncConfigFields = z.object({
  maxAsyncRetryAttempts: z.int().min(0).max(MAX_ASYNC_RETRIES).optional(),
  maxAsyncEventAgeInSeconds: seconds(MAX_ASYNC_AGE_SECONDS).optional(),
  statefulInvocation: z.boolean().optional(),
  destinationConfig: z
    .object({ onSuccess: destination.optional(), onFailure: destination.optional() })
    .optional(),
});

/** Checks a value; the refusal names the first wrong field. */
export function parseFields<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  if (field === 'runtime') throw invalidArgument('Runtime is set to an invalid value');
  throw invalidArgument(`${field}: ${issue?.message ?? 'is invalid'}`);
}

/** Checks a name given in a body. */
export const parseName = (field: string, value: unknown): string =>
  parseFields(z.object({ [field]: name }), { [field]: value })[field]!;

/** Splits `service.qualifier`; only the unpublished version exists here. */
export function serviceNameOf(segment: string): string {
  const [serviceName = '', qualifier] = segment.split('.');
  if (qualifier !== undefined && qualifier !== 'LATEST') {
    throw new FcError(404, 'VersionNotFound', `version or alias '${qualifier}' does not exist`);
  }
  return serviceName;
}
