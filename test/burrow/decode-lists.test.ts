import { describe, expect, test } from 'vitest';
import { decodeNames, decodeTopicOffsets } from '../../src/burrow/decode-lists.ts';

describe('given a list of names', () => {
  test('when a name comes twice, then it is kept once, in order', () => {
    expect(decodeNames({ consumers: ['b', 'a', 'b', '__proto__'] }, 'consumers')).toEqual([
      'b',
      'a',
      '__proto__',
    ]);
  });

  test('when Burrow is warming up, then an empty list is no fault, and neither is null', () => {
    expect(decodeNames({ clusters: [] }, 'clusters')).toEqual([]);
    expect(decodeNames({ clusters: null }, 'clusters')).toEqual([]);
  });

  test.each<[unknown, string]>([
    [undefined, 'topics is not a list'],
    ['orders', 'topics is not a list'],
    [{ 0: 'orders' }, 'topics is not a list'],
    [['orders', 7], 'topics[1] is not a string'],
    [['orders', 'orders', null], 'topics[2] is not a string'],
  ])('when the list is %j, then the fault names the field', (topics, message) => {
    expect(() => decodeNames({ topics }, 'topics')).toThrow(message);
  });
});

describe("given a topic's offsets", () => {
  test('when one is below 0 and one past 2^53, then both are unknown in place, and the latter is counted', () => {
    expect(decodeTopicOffsets({ offsets: [0, -1, 2 ** 60, 7] })).toEqual({
      offsets: [0, null, null, 7],
      unsafeIntegers: 1,
    });
  });

  test('when there are none, then the list is empty', () => {
    expect(decodeTopicOffsets({ offsets: null })).toEqual({ offsets: [], unsafeIntegers: 0 });
  });

  test.each<[unknown, string]>([
    [undefined, 'offsets is not a list'],
    [[1, '2'], 'offsets[1] is not a number'],
    [[1, null], 'offsets[1] is not a number'],
    [new Array<number>(200_001).fill(0), 'offsets is not a list of at most 200000'],
  ])('when they are not what they should be (%#), then the fault names the field', (offsets, message) => {
    expect(() => decodeTopicOffsets({ offsets })).toThrow(message);
  });
});
