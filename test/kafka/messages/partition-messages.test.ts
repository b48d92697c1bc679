import { Partitioners } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createKeyPartitioner } from '../../../src/kafka/messages/partition-messages.ts';

describe('given keys of many deliveries', () => {
  test('when one comes again, then its partition is the same and not computed again', () => {
    const asked: unknown[] = [];
    const partition = Partitioners.DefaultPartitioner();
    const partitionOf = createKeyPartitioner((arguments_) => {
      asked.push(arguments_.message.key);
      return partition(arguments_);
    });
    const deliver = (): readonly number[] =>
      // A delivery begins before it knows how many partitions there are.
      ['prod/a', 'prod/b'].map((key) => partitionOf(key, 1) + partitionOf(key, 12));
    const first = deliver();
    expect(deliver()).toEqual(first);
    expect(asked).toEqual(['prod/a', 'prod/b']);
  });

  test('when the topic has more partitions than before, then they are computed anew', () => {
    const partitionOf = createKeyPartitioner();
    const keys = Array.from({ length: 50 }, (_, at) => `prod/${at}`);
    const before = keys.map((key) => partitionOf(key, 3));
    expect(keys.map((key) => partitionOf(key, 100)).some((partition) => partition > 2)).toBe(true);
    expect(keys.map((key) => partitionOf(key, 3))).toEqual(before);
  });
});
