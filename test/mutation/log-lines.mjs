/**
 * Stryker plugin: leaves the arguments of log calls (`deps.log.info(…)`, `log.warn(…)`) as they are. A log line is
 * for people; no decision reads it and its wording may change freely.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const LEVELS = new Set(['debug', 'info', 'warn', 'error']);

const nameOf = (node) => (node.type === 'Identifier' ? node.name : node.property?.name);

const isLogCall = (node) =>
  node.type === 'CallExpression' &&
  node.callee.type === 'MemberExpression' &&
  LEVELS.has(node.callee.property.name) &&
  nameOf(node.callee.object) === 'log';

/** What the `ignorers` of stryker.config.json name. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'log-lines', {
    shouldIgnore: (path) =>
      path.parentPath && isLogCall(path.parentPath.node) && path.listKey === 'arguments'
        ? 'the wording of a log line is free'
        : undefined,
  }),
];
