/**
 * Loaded by mocha before the tests. The tests know no option for path-style addresses, so it is added to every client;
 * and names below `localhost`, which virtual-host addresses need and plain resolvers refuse, mean this machine.
 */
export const PRELOAD = `'use strict';
const dns = require('node:dns');
const path = require('node:path');

const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(/(^|\\.)localhost$/.test(host) ? '127.0.0.1' : host, ...rest);

if (process.env.CONFORMANCE_ADDRESS_STYLE === 'path') {
  const file = path.join(__dirname, 'node_modules/ali-oss/lib/common/client/initOptions.js');
  const initOptions = require(file);
  require.cache[require.resolve(file)].exports = (options) => initOptions({ sldEnable: true, ...options });
}
`;
