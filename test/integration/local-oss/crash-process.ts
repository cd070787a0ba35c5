/** The service in a process of its own, for a test that kills it: arguments are the data folder; prints the port. */

import { startService } from './fixture.ts';

const service = await startService({ dataDir: process.argv[2]! });
console.log(service.port);
