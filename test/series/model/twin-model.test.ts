import { expect, test } from 'vitest';
import { findDifference } from './find-difference.ts';

// Ten parts, so that the report shows where the time goes. `npm run test:model` tries many more.
const HISTORIES = 100_000;
const PARTS = 10;

test.each(Array.from({ length: PARTS }, (_, part) => (part * HISTORIES) / PARTS))(
  'given random histories from number %i on, when the engine and the declared machine tell their records, then they are the same',
  (from) => {
    expect(findDifference(from, from + HISTORIES / PARTS)).toBeNull();
  },
);
