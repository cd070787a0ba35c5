/**
 * Functions that start faster: most of the time that a process needs for it goes into compiling their bundle. A script
 * that is loaded before the function keeps what V8 made of it, for the next process with the same bundle.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Shorter files are not worth a file of their own, characters. */
const LEAST = 1_000_000;
/** By then the function has done its work once: what it needed for that is compiled too. */
const KEEP_AFTER_MS = 2_000;

const SCRIPT = `
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { Script } = require('node:vm');
const compile = Module.prototype._compile;
function keep(script, file) {
  if (existsSync(file)) return;
  const own = file + '-' + process.pid;
  writeFileSync(own, script.createCachedData());
  renameSync(own, file);
}
Module.prototype._compile = function (content, filename) {
  if (content.length < ${LEAST}) return compile.call(this, content, filename);
  const file = path.join(__dirname, 'compiled-' + createHash('sha256').update(content).digest('hex'));
  const cachedData = existsSync(file) ? readFileSync(file) : undefined;
  const script = new Script(Module.wrap(content), { filename, cachedData });
  if (!cachedData) setTimeout(keep, ${KEEP_AFTER_MS}, script, file).unref();
  const require = Module.createRequire(filename);
  const run = script.runInThisContext();
  return run.call(this.exports, this.exports, require, this, filename, path.dirname(filename));
};`;

/** Writes the script into the folder, where the compiled bundles will be as well. Returns its path. */
export function writeCompileCache(folder: string): string {
  const script = path.join(folder, 'compile-cache.cjs');
  writeFileSync(script, SCRIPT);
  return script;
}
