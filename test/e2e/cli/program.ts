/** The program as a process of its own, from its sources: tests kill it. */
import { main } from '../../../cli/main.ts';

await main();
