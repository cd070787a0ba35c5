import { defineCodes } from './define.ts';

/** BUG-9xxx: broken invariants. */
export const bugCodes = defineCodes({
  'BUG-9001': {
    title: 'an internal invariant was broken',
    cause: 'A defect in Millrace; nothing was written after it was noticed.',
    next: 'Keep the run (`millrace show RUN --json`) and report it.',
  },
});
