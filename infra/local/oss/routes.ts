/** Which operation a method and its sub-resource select. The table is the list of what the service can do. */

import * as bucket from './bucket-operations.ts';
import type { Operation } from './call.ts';
import { OssError } from './errors.ts';
import { listObjects } from './listing-answers.ts';
import * as multipart from './multipart.ts';
import { listParts, listUploads } from './multipart-listing.ts';
import * as attributes from './object-attributes.ts';
import { copyObject } from './object-copy.ts';
import { deleteObject, deleteObjects } from './object-delete.ts';
import { postObject } from './object-post.ts';
import { getObject, getObjectMeta, headObject } from './object-read.ts';
import { appendObject, putObject } from './object-write.ts';
import type { OssRequest } from './request.ts';
import { OPERATION_NAMES } from './sub-resources.ts';

/** What a caller without a key needs: an ACL for `read` and `write`, nothing helps for `owner`, `policy` checks itself. */
export type Access = 'read' | 'write' | 'owner' | 'policy';

/** A selected operation. */
export interface Route {
  /** The vendor's name, as fault rules and statistics see it. */
  readonly name: string;
  readonly run: Operation;
  readonly access: Access;
}

const route = (name: string, run: Operation, access: Access = 'owner'): Route => ({ name, run, access });

/** Keys are the method and the sub-resources in alphabetical order. */
const BUCKET_ROUTES: Readonly<Record<string, Route>> = {
  'PUT ': route('PutBucket', bucket.putBucket),
  'GET ': route('ListObjects', listObjects, 'read'),
  'HEAD ': route('HeadBucket', bucket.headBucket),
  'DELETE ': route('DeleteBucket', bucket.deleteBucket),
  'GET bucketInfo': route('GetBucketInfo', bucket.getBucketInfo),
  'GET location': route('GetBucketLocation', bucket.getBucketLocation),
  'GET stat': route('GetBucketStat', bucket.getBucketStat),
  'PUT acl': route('PutBucketAcl', bucket.putBucketAcl),
  'GET acl': route('GetBucketAcl', bucket.getBucketAcl),
  'PUT tagging': route('PutBucketTags', bucket.putBucketTagging),
  'GET tagging': route('GetBucketTags', bucket.getBucketTagging),
  'DELETE tagging': route('DeleteBucketTags', bucket.deleteBucketTagging),
  'GET versioning': route('GetBucketVersioning', bucket.getBucketVersioning),
  'GET uploads': route('ListMultipartUploads', listUploads),
  'POST delete': route('DeleteMultipleObjects', deleteObjects),
};

const OBJECT_ROUTES: Readonly<Record<string, Route>> = {
  'PUT ': route('PutObject', putObject, 'write'),
  'GET ': route('GetObject', getObject, 'read'),
  'HEAD ': route('HeadObject', headObject, 'read'),
  'DELETE ': route('DeleteObject', deleteObject, 'write'),
  'POST append': route('AppendObject', appendObject, 'write'),
  'POST uploads': route('InitiateMultipartUpload', multipart.initiateUpload),
  'PUT partNumber uploadId': route('UploadPart', multipart.uploadPart),
  'GET uploadId': route('ListParts', listParts),
  'POST uploadId': route('CompleteMultipartUpload', multipart.completeUpload),
  'DELETE uploadId': route('AbortMultipartUpload', multipart.abortUpload),
  'HEAD objectMeta': route('GetObjectMeta', getObjectMeta, 'read'),
  'GET objectMeta': route('GetObjectMeta', getObjectMeta, 'read'),
  'PUT acl': route('PutObjectACL', attributes.putObjectAcl),
  'GET acl': route('GetObjectACL', attributes.getObjectAcl),
  'PUT tagging': route('PutObjectTagging', attributes.putObjectTagging),
  'GET tagging': route('GetObjectTagging', attributes.getObjectTagging),
  'DELETE tagging': route('DeleteObjectTagging', attributes.deleteObjectTagging),
  'PUT symlink': route('PutSymlink', attributes.putSymlink),
  'GET symlink': route('GetSymlink', attributes.getSymlink, 'read'),
};

const COPY_ROUTES: Readonly<Record<string, Route>> = {
  'PUT ': route('CopyObject', copyObject),
  'PUT partNumber uploadId': route('UploadPartCopy', multipart.uploadPartCopy),
};

const FORM_ROUTE = route('PostObject', postObject, 'policy');

const SERVICE_ROUTES: Readonly<Record<string, Route>> = {
  'GET ': route('ListBuckets', bucket.listBuckets),
  'GET tagging': route('ListBuckets', bucket.listBuckets),
};

/** Request headers that ask for something this service does not do. */
const UNSUPPORTED_HEADERS = ['x-oss-callback', 'x-oss-process', 'x-oss-async-process'];

function subResources(request: OssRequest): string[] {
  return [...request.query.keys()].filter((name) => OPERATION_NAMES.has(name)).sort();
}

function tableOf(
  request: OssRequest,
  bucketName: string | undefined,
  key: string | undefined,
): Readonly<Record<string, Route>> {
  if (bucketName === undefined) return SERVICE_ROUTES;
  if (key === undefined) return BUCKET_ROUTES;
  return request.incoming.headers['x-oss-copy-source'] === undefined ? OBJECT_ROUTES : COPY_ROUTES;
}

function isForm(request: OssRequest, bucketName?: string, key?: string): boolean {
  const type = request.incoming.headers['content-type'] ?? '';
  return (
    request.method === 'POST' &&
    bucketName !== undefined &&
    key === undefined &&
    /^multipart\/form-data\b/i.test(type)
  );
}

/** Selects the operation. Throws NotImplemented, which names what is missing, or MethodNotAllowed. */
export function selectRoute(request: OssRequest, bucketName?: string, key?: string): Route {
  const header = UNSUPPORTED_HEADERS.find((name) => request.incoming.headers[name] !== undefined);
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  const names = subResources(request);
  if (isForm(request, bucketName, key) && names.length === 0) return FORM_ROUTE;
  const table = tableOf(request, bucketName, key);
  const found = table[`${request.method} ${names.join(' ')}`];
  if (found) return found;
  if (names.length > 0)
    throw notImplemented(`${request.method} with the sub-resource ${names.join(' and ')}`);
  throw new OssError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    detail: { Method: request.method },
  });
}

function notImplemented(what: string): OssError {
  return new OssError('NotImplemented', `The embedded service does not implement ${what}.`);
}
