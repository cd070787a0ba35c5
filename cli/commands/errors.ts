/** `millrace errors [CODE]` */
import { codes, findCode } from '../../core/errors/index.ts';
import { nearestName } from '../../core/job/near-name.ts';
import { type CommandContext, type Outcome, succeeded } from '../context.ts';
import { usageFault } from '../job-file.ts';
import { formatPairs, formatTable } from '../table.ts';

/** Explains one code, or lists all of them. */
export async function errorsCommand({ out }: CommandContext, given: string | undefined): Promise<Outcome> {
  if (given === undefined) {
    const rows = Object.entries(codes).map(([code, { title }]) => [code, title]);
    for (const line of formatTable(['code', 'title'], rows)) out.line(line);
    return succeeded({ codes });
  }
  const code = given.toUpperCase();
  const spec = findCode(code);
  if (!spec) {
    const near = nearestName(code, Object.keys(codes));
    const hint = near === undefined ? '`millrace errors` lists them' : `did you mean ${near}?`;
    throw usageFault(`no error has the code ${given}; ${hint}`);
  }
  out.line(`${out.colors.bold(code)}  ${spec.title}`);
  for (const line of formatPairs([
    ['cause', spec.cause],
    ['next', spec.next],
  ]))
    out.line(line);
  return succeeded({ code, ...spec });
}
