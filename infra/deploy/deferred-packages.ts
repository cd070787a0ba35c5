/** Keeps parts of packages asleep that load with them and are hardly ever used. */
import path from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Packages that another package requires when it loads and uses in few of its calls, by the package that requires them.
 * Each must be used as a function, a class or an object only, and not before a call needs it.
 */
const DEFERRED: Readonly<Record<string, readonly string[]>> = {
  // Uploads of code and terminals in instances.
  '@alicloud/fc2': ['ali-oss', 'axios', 'ws'],
  // Live streams.
  'ali-oss': ['jstoxml'],
  // Forms.
  urllib: ['formstream'],
  // Writing XML.
  xml2js: ['xmlbuilder'],
};

const NAMESPACE = 'deferred-package';

/** A stand-in that loads the package with the first use of it. */
const standIn = (name: string): string => `
  let loaded;
  const load = () => loaded ??= require(${JSON.stringify(name)});
  module.exports = new Proxy(function () {}, {
    get: (_, key) => load()[key],
    has: (_, key) => key in load(),
    apply: (_, self, words) => Reflect.apply(load(), self, words),
    construct: (_, words) => Reflect.construct(load(), words),
  });
`;

/** Every other language of zod's messages; none is ever chosen. */
const LANGUAGES = /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/;

/** Tables of character sets, a quarter of all code otherwise; a function reads the one that a job names. */
const TABLES = /[\\/]iconv-lite[\\/]encodings$/;
const TABLE = /^\.\/tables\/[\w-]+\.json$/;

/** A name for the package of a folder: a dependency may have its own version of a package that others have too. */
const ownerOf = (folder: string): string =>
  folder
    .split(/[\\/]node_modules[\\/]/)
    .slice(1)
    .join('-')
    .replace(/[\\/]encodings$/, '')
    .replaceAll(/[^\w-]/g, '-');

/**
 * The esbuild plugin. It leaves tables out of the code and says in `tables` which: where each is, by the name of the file
 * that has to lie beside the module.
 */
export const deferredPackages = (tables: Map<string, string>): Plugin => ({
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^[\w@]/ }, ({ path: name, importer, kind, resolveDir }) => {
      if (kind !== 'require-call') return undefined;
      const owner = Object.keys(DEFERRED).find((each) => importer.includes(`node_modules/${each}/lib/`));
      if (owner === undefined || !DEFERRED[owner]?.includes(name)) return undefined;
      return { path: name, namespace: NAMESPACE, pluginData: resolveDir };
    });
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: name, pluginData }) => ({
      contents: standIn(name),
      resolveDir: pluginData as string,
    }));
    build.onLoad({ filter: LANGUAGES }, () => ({ contents: "export { default as en } from './en.js';" }));
    build.onResolve({ filter: TABLE }, ({ path: table, resolveDir }) => {
      if (!TABLES.test(resolveDir)) return undefined;
      const file = `${ownerOf(resolveDir)}-${path.posix.basename(table)}`;
      tables.set(file, path.join(resolveDir, table));
      return { path: `./${file}`, external: true };
    });
  },
});
