/**
 * The program that every instance runs, as source text: it must exist as a file of its own even when this
 * repository is bundled into one. Plain CommonJS for Node 18 and later; it uses only built-in modules.
 *
 * Messages over the IPC channel (structured clone, so bytes stay bytes):
 *   to the instance    { kind: 'start', codeDir, handler, initializer, context }
 *                      { kind: 'invoke', requestId, event, context }
 *   from the instance  { kind: 'ready' } | { kind: 'failed', error } | { kind: 'log', stream, text }
 *                      { kind: 'result', requestId, body, errorType? }
 */
export const BOOTSTRAP_SOURCE = String.raw`'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const send = process.send.bind(process);
delete process.send;
process.on('disconnect', () => process.exit(0));

const capture = (name) => {
  process[name].write = (chunk, encoding, done) => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    send({ kind: 'log', stream: name, text });
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback) process.nextTick(callback);
    return true;
  };
};
capture('stdout');
capture('stderr');

const describe = (error) =>
  error instanceof Error
    ? { errorMessage: error.message, errorType: error.name, stackTrace: String(error.stack).split('\n') }
    : { errorMessage: String(error) };

const isEsm = (file, root) => {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let dir = path.dirname(file); ; dir = path.dirname(dir)) {
    const manifest = path.join(dir, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    if (dir === root || dir === path.dirname(dir)) return false;
  }
};

const load = async (root, entry) => {
  const dot = entry.lastIndexOf('.');
  const base = path.join(root, entry.slice(0, dot));
  const name = entry.slice(dot + 1);
  const file = ['.js', '.mjs', '.cjs'].map((ending) => base + ending).find((each) => fs.existsSync(each));
  if (!file) throw new Error('Cannot find module ' + JSON.stringify(entry.slice(0, dot)) + ' of the handler');
  const loaded = isEsm(file, root) ? await import(pathToFileURL(file).href) : require(file);
  const found = loaded[name] ?? loaded.default?.[name];
  if (typeof found !== 'function') {
    throw new Error('Handler ' + JSON.stringify(name) + ' is missing or not a function in ' + path.basename(file));
  }
  return found;
};

const makeContext = (fields) => {
  const print = (level, stream) => (...args) => {
    const { format } = require('node:util');
    process[stream].write(
      new Date().toISOString() + ' ' + fields.requestId + ' [' + level + '] ' + format(...args) + '\n',
    );
  };
  const logger = {
    log: print('INFO', 'stdout'),
    debug: print('DEBUG', 'stdout'),
    info: print('INFO', 'stdout'),
    warn: print('WARNING', 'stderr'),
    error: print('ERROR', 'stderr'),
  };
  return { ...fields, logger };
};

const encode = (value) => {
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value === undefined) return Buffer.alloc(0);
  if (typeof value === 'object' && value !== null) return Buffer.from(JSON.stringify(value));
  return Buffer.from(String(value));
};

class Handled extends Error {}

const call = (handler, event, context) =>
  new Promise((resolve, reject) => {
    const callback = (error, value) => {
      if (error) reject(Object.assign(new Handled(), { inner: error }));
      else resolve(value);
    };
    const returned = handler(event, context, callback);
    if (returned && typeof returned.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3) resolve(returned);
  });

let handler;

const start = async ({ codeDir, handler: entry, initializer, context }) => {
  try {
    handler = await load(codeDir, entry);
    if (initializer) {
      const initialize = await load(codeDir, initializer);
      await new Promise((resolve, reject) => {
        const callback = (error) => (error ? reject(error) : resolve());
        const returned = initialize(makeContext(context), callback);
        if (returned && typeof returned.then === 'function') returned.then(resolve, reject);
        else if (initialize.length < 2) resolve();
      });
    }
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'failed', error: describe(error) });
  }
};

const invoke = async ({ requestId, event, context }) => {
  try {
    const bytes = Buffer.from(event.buffer, event.byteOffset, event.byteLength);
    const body = encode(await call(handler, bytes, makeContext(context)));
    send({ kind: 'result', requestId, body });
  } catch (error) {
    const handled = error instanceof Handled;
    const body = Buffer.from(JSON.stringify(describe(handled ? error.inner : error)));
    const errorType = handled ? 'HandledInvocationError' : 'UnhandledInvocationError';
    send({ kind: 'result', requestId, body, errorType });
  }
};

process.on('message', (message) => {
  if (message.kind === 'start') start(message);
  else invoke(message);
});
`;
