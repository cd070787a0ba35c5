/** What to try after the demo. Each command works from the folder of the checkout, in this order. */
import type { Colors } from '../output.ts';

const COMMANDS: readonly (readonly [string, ...(readonly string[])])[] = [
  [
    'a local cloud that stays, with orders in its Tablestore',
    'npx millrace cloud up --detach',
    'node examples/orders/seed.mjs',
  ],
  [
    'the same job at full speed',
    'npx millrace run examples/orders/orders-to-oss.json --on functions --local',
  ],
  ['the end of that cloud', 'npx millrace cloud down'],
];

/** The commands, each group below what it does. */
export const nextLines = (colors: Colors): readonly string[] => [
  'Try next, in this folder:',
  ...COMMANDS.flatMap(([purpose, ...commands]) => [
    `  ${colors.dim(`# ${purpose}`)}`,
    ...commands.map((command) => `  ${command}`),
  ]),
];
