/** Turns the source of each function into a code package: a loader, one file of code and its cache, in a zip archive. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import { makeCodeCache, type PackageFiles } from './code-cache.ts';
import { deferredPackages } from './deferred-packages.ts';
import { CACHE_ENDING, CODE_ENDING, loaderOf, WRAPPER } from './loader-source.ts';
import type { DeployFunction, DeployModel } from './model.ts';

/** A code package ready to upload. */
export interface FunctionBundle {
  readonly name: string;
  readonly zip: Uint8Array;
  /** Size of the JavaScript file, bytes. */
  readonly codeBytes: number;
  /** Size of the code cache, bytes. */
  readonly cacheBytes: number;
  /** Bytes of the JavaScript file by npm package; our own code is `(own)`. Largest first. */
  readonly packages: readonly { readonly name: string; readonly bytes: number }[];
}

/** Where the sources are and what may be left out of a package. */
export interface BundleOptions {
  /** Folder that handlers are relative to. */
  readonly root: string;
  /** Keep names and line breaks, for debugging. */
  readonly readable?: boolean;
}

/**
 * Optional modules of dependencies that are absent or belong to other platforms; each is required inside a
 * guard, so a function never needs them.
 */
const EXTERNAL = ['proxy-agent', 'cloudflare:sockets', 'pg-native'];

/** Fixed so that the same source gives the same archive: the start of the zip format's calendar, local time. */
const ARCHIVE_TIME = new Date(1980, 0, 1);

const OWN = '(own)';

/** Modules that locate files beside themselves get the bundle's own place. */
const BANNER = "const __bundleUrl = require('node:url').pathToFileURL(__filename).href;";

/** A function without a source file cannot be bundled. */
export class MissingEntryError extends Error {
  constructor(name: string, file: string) {
    super(`function '${name}' has no source: ${file} does not exist`);
    this.name = 'MissingEntryError';
  }
}

const moduleOf = (handler: string): string => handler.slice(0, handler.lastIndexOf('.'));

/** npm package of an input path, by its last `node_modules` segment. */
export function packageOfInput(input: string): string {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) return OWN;
  const [first = '', second = ''] = input.slice(at + 'node_modules/'.length).split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function weigh(inputs: Record<string, { bytesInOutput: number }>): FunctionBundle['packages'] {
  const sizes = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    const name = packageOfInput(input);
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/**
 * Bundles one function. The archive holds a loader under the path that the handler names, beside it the code, its cache
 * for the version of Node.js that bundles, and the companions.
 */
export async function bundleFunction(
  definition: DeployFunction,
  options: BundleOptions,
): Promise<FunctionBundle> {
  const module = moduleOf(definition.handler);
  const entry = path.join(options.root, `${module}.ts`);
  await access(entry).catch(() => {
    throw new MissingEntryError(definition.name, `${module}.ts`);
  });
  const { code, metafile, tables } = await compile(entry, options);
  const files: PackageFiles = {
    [`${module}.js`]: strToU8(loaderOf(module)),
    [module + CODE_ENDING]: strToU8(code),
    ...(await companions(metafile, tables, module, options)),
  };
  const cache = await makeCodeCache(module, files);
  const all = { ...files, [module + CACHE_ENDING]: cache };
  return {
    name: definition.name,
    zip: zipSync(all, { level: 9, mtime: ARCHIVE_TIME }),
    codeBytes: code.length,
    cacheBytes: cache.length,
    packages: weigh(Object.values(metafile.outputs)[0]!.inputs),
  };
}

/** What a package is made of. */
interface Compiled {
  readonly code: string;
  readonly metafile: Metafile;
  /** Places of the files that the code requires beside itself, by their names. */
  readonly tables: ReadonlyMap<string, string>;
}

/** One CommonJS file of an entry and all that it imports, in ASCII, as the loader reads it. */
async function compile(entry: string, options: BundleOptions): Promise<Compiled> {
  const tables = new Map<string, string>();
  const { outputFiles, metafile } = await build({
    absWorkingDir: options.root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    charset: 'ascii',
    // What is imported on demand is in the file too, and built-in modules can be required: no `import()` is left, which
    // a script outside of Node's own loaders could not use in every version.
    supported: { 'dynamic-import': false },
    // Packages that offer both: their UMD builds hide `require` from the bundler.
    mainFields: ['module', 'main'],
    // A bundle in strict mode would break the tablestore SDK, which assigns to undeclared variables.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false } },
    minify: !options.readable,
    // Error names and class names are data: they reach logs, status rows and retry decisions.
    keepNames: true,
    external: EXTERNAL,
    legalComments: 'none',
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: WRAPPER[0] + BANNER },
    footer: { js: WRAPPER[1] },
    plugins: [deferredPackages(tables)],
    logLevel: 'silent',
  });
  return { code: outputFiles[0]!.text, metafile, tables };
}

/** Files that packages in the bundle read beside themselves at run time. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  '@bokuweb/zstd-wasm': ['dist/common/zstd.wasm'],
};

/** The companions of the packages in a bundle, and its tables, to lie beside its module. */
async function companions(
  { inputs }: Metafile,
  tables: Compiled['tables'],
  module: string,
  { root }: BundleOptions,
): Promise<Record<string, Uint8Array>> {
  const places = [...tables];
  for (const name of new Set(Object.keys(inputs).map(packageOfInput))) {
    for (const file of COMPANIONS[name] ?? []) {
      places.push([path.posix.basename(file), path.join(root, 'node_modules', name, file)]);
    }
  }
  const files: Record<string, Uint8Array> = {};
  for (const [name, place] of places.sort(([a], [b]) => (a < b ? -1 : 1))) {
    files[path.posix.join(path.posix.dirname(module), name)] = await readFile(place);
  }
  return files;
}

/** Bundles every function of a model, one after the other: esbuild itself uses all cores. */
export async function bundleFunctions(model: DeployModel, options: BundleOptions): Promise<FunctionBundle[]> {
  const bundles: FunctionBundle[] = [];
  for (const definition of model.functions) bundles.push(await bundleFunction(definition, options));
  return bundles;
}

/** Writes each package as `{folder}/{name}.zip`. */
export async function writeBundles(bundles: readonly FunctionBundle[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, zip } of bundles) await writeFile(path.join(folder, `${name}.zip`), zip);
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;

/** A table of sizes, one line per function, with its largest packages. */
export function formatBundles(bundles: readonly FunctionBundle[]): string {
  const rows = bundles.map(({ name, codeBytes, cacheBytes, zip, packages }) => [
    name,
    kilobytes(codeBytes),
    kilobytes(cacheBytes),
    kilobytes(zip.length),
    packages
      .slice(0, 4)
      .map((each) => `${each.name} ${kilobytes(each.bytes)}`)
      .join(', '),
  ]);
  const table = [['function', 'code', 'cache', 'zip', 'largest parts'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
