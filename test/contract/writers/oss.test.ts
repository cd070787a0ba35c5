import { startOssTarget } from './oss-target.ts';
import { describeWriterContract } from './writer-contract.ts';

describeWriterContract('oss csv', () => startOssTarget());
describeWriterContract('oss csv, gzip', () => startOssTarget({ compress: 'gzip' }));
describeWriterContract('oss csv, truncate', () => startOssTarget({ writeMode: 'truncate' }));
describeWriterContract('oss csv, nonConflict', () => startOssTarget({ writeMode: 'nonConflict' }));
// Row groups of 1 MiB, so that a few hundred rows are enough for a checkpoint.
const parquet = { fileFormat: 'parquet', rowGroupSizeInMB: 1 };
describeWriterContract('oss parquet', () => startOssTarget(parquet));
describeWriterContract('oss parquet, zstd, truncate', () =>
  startOssTarget({ ...parquet, compress: 'zstd', writeMode: 'truncate' }),
);
describeWriterContract('oss parquet, small row groups and objects', () =>
  startOssTarget({ ...parquet, compress: 'none', rowGroupRows: 100, maxFileSize: 1 }),
);
