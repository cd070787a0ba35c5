import { MysqlTargetServer } from '../../integration/mysql-writer/mysql-target.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('MariaDB', () => MysqlTargetServer.start());
