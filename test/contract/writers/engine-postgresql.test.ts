import { PostgresTargetServer } from '../../integration/postgresql-writer/postgres-target.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('PostgreSQL', () => PostgresTargetServer.start());
