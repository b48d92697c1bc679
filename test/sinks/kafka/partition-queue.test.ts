import { describe, expect, test } from 'vitest';
import { createBatchLimits, createPartitionQueue } from '../../../src/sinks/kafka/partition-queue.ts';
import { sampleOf } from '../../outbox/sample-of.ts';

describe('given a sample of which a part has arrived, behind one that the brokers refuse', () => {
  test('when the refused one goes alone, then it is refused at once', () => {
    const bad = sampleOf('c/bad', ['bad 1']);
    const begun = sampleOf('c/begun', ['begun 1', 'begun 2']);
    const queue = createPartitionQueue(0, { linesPerMessage: 1, limits: createBatchLimits() });
    queue.add({ sample: bad, line: 0, refusedFor: null });
    queue.add({ sample: begun, line: 1, refusedFor: null });
    const refused: unknown[] = [];
    for (let tries = 0; refused.length === 0 && tries < 5; tries += 1) {
      queue.batch();
      refused.push(...queue.refused('its time').refused.map(({ sample }) => sample));
    }
    expect(refused).toEqual([bad]);
    expect(queue.remaining()).toEqual([{ sample: begun, line: 1, refusedFor: null }]);
  });
});
