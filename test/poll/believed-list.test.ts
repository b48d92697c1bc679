import { describe, expect, test } from 'vitest';

import { createBelievedList } from '../../src/poll/believed-list.ts';

const FULL = { kind: 'ok', value: ['a', 'b'] } as const;
const EMPTY = { kind: 'ok', value: [] } as const;
const NOT_FOUND = { kind: 'notFound' } as const;
const UNREACHABLE = { kind: 'unreachable', reason: 'refused' } as const;
const INVALID = { kind: 'invalid', reason: 'no list' } as const;

function createList() {
  const list = createBelievedList({ deadAfter: 3 });
  /** Whether removal was allowed after each answer. */
  const hearAll = (...outcomes: Parameters<typeof list.hear>[0][]): boolean[] =>
    outcomes.map((outcome) => list.hear(outcome, true).mayRemove);
  return { list, hearAll };
}

describe('given a list that was always good', () => {
  test('when it answers, then it is believed at once', () => {
    const { list, hearAll } = createList();
    expect(list.hear(FULL, true)).toEqual({ names: ['a', 'b'], mayRemove: true });
    expect(hearAll(FULL)).toEqual([true]);
    expect(list.trusted).toBe(true);
  });

  test('when it answers while the maintainer settles, then it adds only', () => {
    const { list } = createList();
    expect(list.hear(FULL, false)).toEqual({ names: ['a', 'b'], mayRemove: false });
    expect(list.trusted).toBe(true);
  });

  test.each([
    ['empty', EMPTY],
    ['404', NOT_FOUND],
  ])('when it turns %s, then it is in doubt at once and believed the third time in a row', (_, nothing) => {
    const { list, hearAll } = createList();
    expect(hearAll(FULL, nothing)).toEqual([true, false]);
    expect(list.trusted).toBe(false);
    expect(hearAll(nothing, nothing)).toEqual([false, true]);
    expect(list.trusted).toBe(true);
    expect(hearAll(nothing)).toEqual([false]);
  });

  test.each([
    ['a failure', UNREACHABLE],
    ['a broken answer', INVALID],
    ['a good one', FULL],
  ])('when %s comes between empty ones, then they are not in a row', (_, between) => {
    const { hearAll } = createList();
    expect(hearAll(FULL, EMPTY, EMPTY, between, EMPTY, EMPTY)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(hearAll(EMPTY)).toEqual([true]);
  });

  test('when it is empty many times while the maintainer settles, then that proves nothing', () => {
    const { list, hearAll } = createList();
    hearAll(FULL);
    for (let times = 0; times < 10; times += 1) expect(list.hear(EMPTY, false).mayRemove).toBe(false);
    expect(hearAll(EMPTY, EMPTY)).toEqual([false, false]);
    expect(list.trusted).toBe(false);
  });
});

describe('given a list in doubt', () => {
  test.each([
    ['after a failure', UNREACHABLE],
    ['after a broken answer', INVALID],
    ['after an empty answer', EMPTY],
  ])('when it is good again %s, then missing names are believed the third time in a row', (_, doubt) => {
    const { list, hearAll } = createList();
    expect(hearAll(FULL, doubt, FULL, FULL)).toEqual([true, false, false, false]);
    expect(list.trusted).toBe(false);
    expect(hearAll(FULL)).toEqual([true]);
    expect(list.trusted).toBe(true);
  });

  test('when another server takes over, then it is in doubt too', () => {
    const { list, hearAll } = createList();
    hearAll(FULL);
    list.doubt();
    expect(list.trusted).toBe(false);
    expect(hearAll(FULL, FULL, FULL)).toEqual([false, false, true]);
  });
});

describe('given a list that never had a name', () => {
  test('when it is empty for long, then there is no doubt and nothing to remove', () => {
    const { list, hearAll } = createList();
    expect(hearAll(EMPTY, EMPTY, EMPTY, EMPTY)).toEqual([false, false, false, false]);
    expect(list.trusted).toBe(true);
  });
});
