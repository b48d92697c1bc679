import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupLag, PartitionLag } from '../../src/burrow/answers.ts';
import type { NameFilter } from '../../src/poll/name-filter.ts';
import { createTopicPick, withoutTopics } from '../../src/poll/topic-pick.ts';
import { partitionOf } from './fake-burrow.ts';

const DENIED = /^__/;

function lagOf(partitions: readonly PartitionLag[]): GroupLag {
  return {
    status: 3,
    totalLagRecords: partitions.reduce((sum, each) => sum + (each.currentLagRecords ?? 0), 0),
    partitions,
    stoppedPartitions: partitions.filter(({ status }) => status === 4).length,
    stalledPartitions: partitions.filter(({ status }) => status === 5).length,
    unsafeIntegers: 0,
  };
}

const partition = fc
  .record({
    topic: fc.constantFrom('orders', 'events', '__consumer_offsets', '__other'),
    partition: fc.nat(20),
    status: fc.constantFrom(1, 2, 4, 5, 6),
    currentLagRecords: fc.option(fc.nat(1000), { freq: 8 }),
    endOffset: fc.option(fc.nat(1000), { freq: 8 }),
    endTimestampMs: fc.option(fc.nat(1000)),
  })
  .map((fields): PartitionLag => ({ ...partitionOf(0, null), ...fields }));

describe('given topics that are denied', () => {
  const counts = createTopicPick(() => ({ allow: /.*/, deny: DENIED }));

  test('when an answer has none of them, then it stays the same object', () => {
    const lag = lagOf([partitionOf(0, 5), partitionOf(1, 7)]);
    expect(withoutTopics(lag, counts)).toBe(lag);
  });

  test('when it has some, then the rest is as if Burrow had never named them', () => {
    fc.assert(
      fc.property(fc.array(partition, { maxLength: 12 }), (partitions) => {
        const kept = partitions.filter(({ topic }) => !DENIED.test(topic));
        fc.pre(kept.length < partitions.length);
        const lag = withoutTopics(lagOf(partitions), counts);
        const isKnown = kept.every(
          (each) =>
            each.currentLagRecords !== null || (each.endOffset === null && each.endTimestampMs === null),
        );
        expect(lag).toEqual({
          ...lagOf(kept),
          totalLagRecords: isKnown ? lagOf(kept).totalLagRecords : null,
        });
      }),
    );
  });

  test('when nothing is left, then there is no lag', () => {
    const lag = withoutTopics(lagOf([{ ...partitionOf(0, 500), topic: '__consumer_offsets' }]), counts);
    expect(lag).toMatchObject({ totalLagRecords: 0, partitions: [], stoppedPartitions: 0 });
  });
});

test('when the filter is another one, then topics are judged anew, and else only once', () => {
  let looked = 0;
  const filterOf = (denied: string): NameFilter => ({
    allow: {
      test: (name) => {
        looked += 1;
        return name !== denied;
      },
    },
    deny: null,
  });
  let filter = filterOf('a');
  const counts = createTopicPick(() => filter);
  expect([counts('a'), counts('b'), counts('a')]).toEqual([false, true, false]);
  expect(looked).toBe(2);
  filter = filterOf('b');
  expect([counts('a'), counts('b')]).toEqual([true, false]);
});
