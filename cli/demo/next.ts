/** What to try after the demo. Each command works from the folder of the checkout, in this order. */
import type { Colors } from '../output.ts';
import { formatTable } from '../table.ts';

const COMMANDS: readonly (readonly [string, string])[] = [
  ['npx millrace cloud up --detach', 'a local cloud that stays, in .millrace'],
  ['node examples/orders/seed.mjs', 'orders in its Tablestore'],
  [
    'npx millrace run examples/orders/orders-to-oss.json --on functions --local',
    'the same run, at full speed',
  ],
  ['npx millrace cloud down', 'ends it'],
];

/** The commands with what they do. */
export function nextLines(colors: Colors): readonly string[] {
  const rows = COMMANDS.map(([command, purpose]) => [`  ${command}`, colors.dim(purpose)]);
  return ['Try next:', ...formatTable(['', ''], rows).slice(1)];
}
