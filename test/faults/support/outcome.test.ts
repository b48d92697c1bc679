import { describe, expect, test } from 'vitest';
import { readWavefrontLine } from '../../integration/support/wavefront-reader.ts';
import { judgeOutcome } from './outcome.ts';

const START = 1_700_000_000;
const burrow = { groups: ['a'], answered: () => [5, 6, 7] };

/** What a topic would say about group a: the total lag of each second. */
function judge(...totals: readonly (readonly [value: number, second: number])[]) {
  const lines = totals.map(
    ([value, second]) => `burrow.prod.a.totalLag ${value} ${START + second} source="h"`,
  );
  return judgeOutcome(burrow, lines.map(readWavefrontLine));
}

describe('given what was read back from the topic', () => {
  test('when every answer is there between its bounds, then nothing is missing', () => {
    expect(judge([0, 0], [5, 2], [6, 4], [7, 6], [0, 7])).toEqual({
      delivered: 3,
      missing: [],
      duplicates: [],
      danglingSpans: 0,
      faults: [],
    });
  });

  test('when an answer is not there, then it is missing', () => {
    expect(judge([0, 0], [5, 2], [7, 6], [0, 7])).toMatchObject({ delivered: 2, missing: ['a: 6'] });
  });

  test('when a record is there again, then it is a duplicate and its time is no fault', () => {
    expect(judge([0, 0], [5, 2], [6, 4], [5, 2], [7, 6], [0, 7])).toMatchObject({
      delivered: 3,
      duplicates: [`burrow.prod.a.totalLag ${START + 2}`],
      faults: [],
    });
  });

  test('when a newer record is before an older one, then that is a fault', () => {
    const { faults } = judge([0, 0], [6, 4], [5, 2], [7, 6], [0, 7]);
    expect(faults).toEqual([expect.stringMatching(/^time does not increase/)]);
  });

  test('when the last 0 is not there, then the span dangles', () => {
    const { danglingSpans, faults } = judge([0, 0], [5, 2], [6, 4], [7, 6]);
    expect(danglingSpans).toBe(1);
    expect(faults).toEqual([expect.stringMatching(/^ends without a 0/)]);
  });
});
