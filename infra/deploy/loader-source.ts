/**
 * The programs that start the code of a package, as source text: they lie in the package or run beside it, outside of
 * this repository. Plain CommonJS with built-in modules only.
 *
 * A code cache is the compiled form of the functions that a start needs. V8 takes it only for its own version, flags
 * and length of source; otherwise it compiles as if there were none. What V8 does not look at is checked here: the name
 * of the file has the exact version of Node.js and the processor, and the file begins with its own digest.
 *
 *   offset  bytes  meaning
 *   0       32     SHA-256 of the rest
 *   32      …      data of `script.createCachedData()`
 */

/** Ending of the file with the bundled code, beside the handler's module. */
export const CODE_ENDING = '.code.js';

/** Ending of the code cache for this version of Node.js on this kind of processor. */
export const CACHE_ENDING = `.${process.version}-${process.arch}.cache`;

/** Stand before and behind the bundled code: a function of the names that CommonJS modules see. */
export const WRAPPER = ['(function (exports, require, module, __filename, __dirname) {\n', '\n})'] as const;

/**
 * How the code of a package runs, whatever the platform says.
 *
 * The vendor's SDK still says `new Buffer`, which warns in every log once it is no longer in node_modules.
 *
 * V8 lets the space of young objects grow to 16 MiB twice, for programs that make many. Rows travel in byte buffers
 * outside of it, so it stays as large as it begins, 1 MiB twice: a worker is 20 MiB smaller then. The flag is read
 * whenever the space would grow; it needs no say in how the platform starts the process.
 */
export const PREAMBLE = [
  'process.noDeprecation = true;',
  "require('node:v8').setFlagsFromString('--semi-space-growth-factor=1');",
].join('\n');

/**
 * Modules of Node.js that every function needs sooner or later. Node has caches of its own for them, made under default
 * flags too.
 */
const BUILT_IN = ['crypto', 'dns', 'fs/promises', 'http', 'https', 'stream/promises', 'tls', 'zlib'];

/**
 * `compile(base, name)` gives the script of `{base}.code.js`, with the cache if there is a good one; `start(script, module)`
 * runs it as the module. In stack traces the script has the given name, its path inside the package: the cache
 * keeps the name that it was made with, and the platform unpacks a package wherever it likes.
 *
 * V8 counts all flags that differ from their defaults into the key of a cache, the size of the heap too, which the
 * platform chooses by the memory of a function and which says nothing about code. The heap has its size by then, so the
 * flag is put aside for as long as V8 compares.
 */
export const LOAD = String.raw`
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const v8 = require('node:v8');

const readCache = (file) => {
  if (!fs.existsSync(file)) return undefined;
  const bytes = fs.readFileSync(file);
  const digest = require('node:crypto').createHash('sha256').update(bytes.subarray(32)).digest();
  return digest.equals(bytes.subarray(0, 32)) ? bytes.subarray(32) : undefined;
};

const HEAP_SIZE = /^--max[-_]old[-_]space[-_]size=(\d+)$/;

const withoutHeapSize = (body) => {
  const words = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const given = words.map((word) => HEAP_SIZE.exec(word)?.[1]).filter(Boolean).at(-1);
  if (given === undefined) return body();
  v8.setFlagsFromString('--max-old-space-size=0');
  try {
    return body();
  } finally {
    v8.setFlagsFromString('--max-old-space-size=' + given);
  }
};

const compile = (base, name) =>
  withoutHeapSize(() => {
    for (const each of ${JSON.stringify(BUILT_IN)}) require('node:' + each);
    // The bundler writes ASCII, so that a byte is a character, and the text takes a byte for each in memory.
    const source = fs.readFileSync(base + '.code.js', 'latin1');
    const cachedData = readCache(base + '.' + process.version + '-' + process.arch + '.cache');
    return new vm.Script(source, { filename: name, cachedData });
  });

const start = (script, module) => {
  const { exports, filename } = module;
  const run = script.runInThisContext();
  run.call(exports, exports, module.require.bind(module), module, filename, path.dirname(filename));
};
`;

/** The module that a handler names, by its path in the package without ending. */
export const loaderOf = (module: string): string => `'use strict';
${LOAD}
const base = __filename.slice(0, -'.js'.length);
const script = compile(base, ${JSON.stringify(module + CODE_ENDING)});
${PREAMBLE}
start(script, module);
`;

/** Flags of the process that makes a cache: hashes of strings, seeded by chance otherwise, are part of a cache. */
export const CACHE_MAKER_FLAGS: readonly string[] = ['--hash-seed=1', '--random-seed=1'];

/**
 * Makes the cache of a module, unpacked at the path of the first argument and named by the second, and writes it to the
 * file of the third. What a start needs is compiled by then: the modules are evaluated, and the code has rehearsed, if
 * it exports `rehearse`.
 *
 * V8 forgets functions that were not called for a while, which must not happen here. All flags get back their defaults
 * before V8 writes them into the key of the cache.
 */
export const CACHE_MAKER = `'use strict';
${LOAD}
const [base, name, file] = process.argv.slice(2);
const Module = require('node:module');
const made = new Module(base + '.js');
made.filename = base + '.js';
made.paths = [];
const make = async () => {
  v8.setFlagsFromString('--no-flush-bytecode');
  const script = compile(base, name);
  start(script, made);
  await made.exports.rehearse?.();
  for (const flag of ['--flush-bytecode', '--hash-seed=0', '--random-seed=0']) v8.setFlagsFromString(flag);
  const data = script.createCachedData();
  const digest = require('node:crypto').createHash('sha256').update(data).digest();
  fs.writeFileSync(file, Buffer.concat([digest, data]));
};
make().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
`;
