import fc from 'fast-check';

/** A mutant is caught by any counterexample: looking for the smallest one would only take time. */
fc.configureGlobal({ endOnFailure: true });
