/** What callers without a key may do: the ACL of the object, or of its bucket, decides. Every key is the owner's. */

import type { Catalog } from './catalog.ts';
import { OssError } from './errors.ts';
import type { BucketAcl } from './records.ts';
import type { Access } from './routes.ts';

/** Throws AccessDenied unless the ACL allows this access to anybody. */
export function checkAnonymous(catalog: Catalog, access: Access, bucketName?: string, key?: string): void {
  if (access === 'policy') return;
  if (access !== 'owner' && bucketName !== undefined) {
    const acl = effectiveAcl(catalog, bucketName, key);
    if (acl === 'public-read-write' || (acl === 'public-read' && access === 'read')) return;
  }
  throw new OssError('AccessDenied', 'You have no right to access this object because of bucket acl.');
}

function effectiveAcl(catalog: Catalog, bucketName: string, key: string | undefined): BucketAcl {
  const bucket = catalog.bucket(bucketName);
  const own = key === undefined ? undefined : bucket.objects.get(key)?.acl;
  return own === undefined || own === 'default' ? bucket.record.acl : own;
}
