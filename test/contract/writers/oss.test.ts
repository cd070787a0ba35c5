import { startOssTarget } from './oss-target.ts';
import { describeWriterContract } from './writer-contract.ts';

describeWriterContract('oss csv', () => startOssTarget());
describeWriterContract('oss csv, gzip', () => startOssTarget({ compress: 'gzip' }));
describeWriterContract('oss csv, truncate', () => startOssTarget({ writeMode: 'truncate' }));
describeWriterContract('oss csv, nonConflict', () => startOssTarget({ writeMode: 'nonConflict' }));
