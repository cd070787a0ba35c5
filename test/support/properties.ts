/**
 * fast-check with a seed that is the same in every run, so that a test which fails says something about the change that
 * it was run for. `MILLRACE_PROPERTY_SEED=N` plays other cases, `MILLRACE_PROPERTY_SEED=fresh` new ones each time. The
 * test configuration puts this module in the place of the library.
 */
import fc from '../../node_modules/fast-check/lib/fast-check.js';

const USUAL_SEED = 20_261_120;
const given = process.env.MILLRACE_PROPERTY_SEED;

if (given !== 'fresh') fc.configureGlobal({ seed: given === undefined ? USUAL_SEED : Number(given) });

export * from '../../node_modules/fast-check/lib/fast-check.js';
export default fc;
