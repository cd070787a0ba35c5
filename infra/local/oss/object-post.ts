/** PostObject: an upload from an HTML form, whose policy takes the place of the signature. */

import { checkOverwrite, readAttributes } from './attributes.ts';
import { type Answer, bucketOf, type Call, discard, orDiscard } from './call.ts';
import { chunksSource, storeContent } from './content.ts';
import { OssError } from './errors.ts';
import { boundaryOf, type Form, readForm } from './form-data.ts';
import { checkKey } from './object-keys.ts';
import { identity, writeHeaders } from './object-write.ts';
import { checkPolicy, type PolicyGrant } from './post-policy.ts';
import type { ObjectRecord } from './records.ts';
import { type HeaderSource, header } from './request.ts';
import { element, xmlDocument } from './xml-writer.ts';

/** Stands in the key for the name of the file. */
const FILE_NAME = /\$\{filename\}/g;

/** The fields of a form read like headers. */
function fieldSource(form: Form): HeaderSource {
  return { get: (name) => form.fields.get(name), names: () => [...form.fields.keys()] };
}

/** A policy is needed unless anybody may write to the bucket. */
function authorize(call: Call, form: Form): PolicyGrant {
  const open = bucketOf(call).record.acl === 'public-read-write';
  if (open && !form.fields.has('policy')) return { minBytes: 0, maxBytes: Number.POSITIVE_INFINITY };
  return checkPolicy(form.fields, call.bucketName, call.state.keys, call.state.clock.now());
}

/** POST / with a form. */
export async function postObject(call: Call): Promise<Answer> {
  const { state } = call;
  const bucket = bucketOf(call);
  const boundary = boundaryOf(header(call.request, 'content-type') ?? '');
  const form = await readForm(call.request.incoming, boundary);
  const key = (form.fields.get('key') ?? '').replace(FILE_NAME, () => form.fileName);
  checkKey(key);
  const grant = authorize(call, form);
  const source = fieldSource(form);
  checkOverwrite(source, bucket.objects.get(key), '0026-00000002');
  const attributes = readAttributes(source, bucket.record.storageClass);
  const content = await storeContent(chunksSource(form.file), state);
  if (content.size < grant.minBytes || content.size > grant.maxBytes) {
    await discard(state, content);
    throw sizeRefused(content.size, grant);
  }
  const object: ObjectRecord = {
    ...attributes,
    ...identity(content),
    key,
    type: 'Normal',
    lastModifiedMs: state.clock.now(),
  };
  await orDiscard(state, content, () => {
    checkOverwrite(source, bucketOf(call).objects.get(key), '0026-00000201');
    return state.catalog.commit({ is: 'object', in: call.bucketName, object });
  });
  return postAnswer(call, form, object);
}

function sizeRefused(size: number, grant: PolicyGrant): OssError {
  const code = size < grant.minBytes ? 'EntityTooSmall' : 'EntityTooLarge';
  return new OssError(code, 'The size of the file is outside of the content-length-range of the policy.');
}

/** The form chooses the answer: a redirect, 200, 201 with a description, or by default 204. */
function postAnswer(call: Call, form: Form, object: ObjectRecord): Answer {
  const headers = writeHeaders(object);
  const redirect = form.fields.get('success_action_redirect');
  if (redirect) return { status: 303, headers: { ...headers, location: redirect } };
  const status = form.fields.get('success_action_status');
  if (status === '200') return { status: 200, headers };
  if (status !== '201') return { status: 204, headers };
  const body =
    element('Bucket', call.bucketName) +
    element('ETag', `"${object.etag}"`) +
    element('Key', object.key) +
    element('Location', `http://${call.request.host}/${encodeURI(object.key)}`);
  return {
    status: 201,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: xmlDocument('PostResponse', body),
  };
}
