/** Query names that select an operation or change an answer: signed by V1, and never silently ignored. */

/** Sub-resources that choose an operation. A request with one that no route handles is answered 501. */
export const OPERATION_NAMES: ReadonlySet<string> = new Set([
  ...[
    'accelerate',
    'accessPoint',
    'accessPointConfig',
    'accessPointPolicy',
    'accessmonitor',
    'acl',
    'append',
  ],
  ...['archiveDirectRead', 'asyncFetch', 'bucketArchiveDirectRead', 'bucketInfo', 'cname', 'comp', 'cors'],
  ...['csv', 'dataIndex', 'delete', 'doMetaQuery', 'encryption', 'httpsConfig', 'img', 'inventory'],
  ...['inventoryId', 'lifecycle', 'live', 'location', 'logging', 'metaQuery', 'objectMeta', 'partNumber'],
  ...['policy', 'policyStatus', 'publicAccessBlock', 'qos', 'qosInfo', 'redundancyTransition', 'referer'],
  ...['regions', 'replication', 'replicationLocation', 'replicationProgress', 'requestPayment'],
  ...[
    'resourceGroup',
    'restore',
    'rtc',
    'seal',
    'select',
    'startTime',
    'stat',
    'status',
    'style',
    'styleName',
  ],
  ...[
    'symlink',
    'tagging',
    'transferAcceleration',
    'udf',
    'uploadId',
    'uploads',
    'userDefinedLogFieldsConfig',
  ],
  ...['versioning', 'versions', 'vod', 'website', 'worm', 'wormExtend', 'wormId', 'x-oss-process'],
  ...['x-oss-async-process', 'callback', 'callback-var', 'processConfiguration'],
]);

const MODIFIERS: ReadonlySet<string> = new Set([
  ...['continuation-token', 'endTime', 'position', 'security-token', 'sequential', 'tagging', 'versionId'],
  ...['response-cache-control', 'response-content-disposition', 'response-content-encoding'],
  ...['response-content-language', 'response-content-type', 'response-expires'],
  ...['x-oss-ac-forward-allow', 'x-oss-ac-source-ip', 'x-oss-ac-subnet-mask', 'x-oss-ac-vpc-id'],
  ...['x-oss-enable-md5', 'x-oss-enable-sha1', 'x-oss-enable-sha256', 'x-oss-hash-ctx', 'x-oss-md5-ctx'],
  ...['x-oss-request-payer', 'x-oss-traffic-limit', 'x-oss-write-get-object-response'],
]);

/** Whether a query name belongs to the canonicalized resource of a V1 signature. */
export function isSubResource(name: string): boolean {
  return OPERATION_NAMES.has(name) || MODIFIERS.has(name);
}
