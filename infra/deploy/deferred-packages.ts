/** Keeps parts of packages asleep that load with them and are hardly ever used. */
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

/** The esbuild plugin. */
export const deferredPackages: Plugin = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^[\w@]/ }, ({ path, importer, kind, resolveDir }) => {
      if (kind !== 'require-call') return undefined;
      const owner = Object.keys(DEFERRED).find((name) => importer.includes(`node_modules/${name}/lib/`));
      if (owner === undefined || !DEFERRED[owner]?.includes(path)) return undefined;
      return { path, namespace: NAMESPACE, pluginData: resolveDir };
    });
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path, pluginData }) => ({
      contents: standIn(path),
      resolveDir: pluginData as string,
    }));
    build.onLoad({ filter: LANGUAGES }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};
