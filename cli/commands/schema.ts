/** `millrace schema [--project]` */
import { z } from 'zod';
import { connectors } from '../../core/connectors/registry.ts';
import { jobJsonSchema, projectSchema } from '../../core/job/index.ts';
import type { CommandContext, Outcome } from '../context.ts';

/** Prints a JSON Schema for editors, in every output mode: it is JSON itself. */
export async function schemaCommand(
  context: CommandContext,
  options: { forProject: boolean },
): Promise<Outcome> {
  const schema = options.forProject ? projectJsonSchema() : jobJsonSchema(await allConnectors());
  if (context.out.mode === 'text') context.out.line(JSON.stringify(schema, null, 2));
  return { exitCode: 0, data: schema as Outcome['data'] };
}

const allConnectors = () => Promise.all(Object.values(connectors).map((load) => load()));

const projectJsonSchema = () => z.toJSONSchema(projectSchema, { io: 'input', unrepresentable: 'any' });
