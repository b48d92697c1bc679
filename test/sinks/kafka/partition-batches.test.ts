import { describe, expect, test } from 'vitest';
import { createBatchLimits, createPartitionBatches } from '../../../src/sinks/kafka/partition-batches.ts';
import { sampleOf } from '../../outbox/sample-of.ts';

describe('given a sample of which a part has arrived, behind one that the brokers refuse', () => {
  test('when the refused one goes alone, then it is refused at once', () => {
    const bad = sampleOf('c/bad', ['bad 1']);
    const begun = sampleOf('c/begun', ['begun 1', 'begun 2']);
    const partitionBatches = createPartitionBatches(
      [
        { sample: bad, line: 0, refusedFor: null },
        { sample: begun, line: 1, refusedFor: null },
      ],
      { partitionOf: () => 0, linesPerMessage: 1, limits: createBatchLimits() },
    );
    const refused: unknown[] = [];
    for (let tries = 0; refused.length === 0 && tries < 5; tries += 1) {
      for (const batch of partitionBatches.current()) {
        refused.push(...partitionBatches.refused(batch, 'its time').refused.map(({ sample }) => sample));
      }
    }
    expect(refused).toEqual([bad]);
    expect(partitionBatches.remaining()).toEqual([{ sample: begun, line: 1, refusedFor: null }]);
  });
});
