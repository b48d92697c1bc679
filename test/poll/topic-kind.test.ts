import { describe, expect, test } from 'vitest';

import { offsetsOf } from './fake-burrow.ts';
import { createHarness, INTERVAL_MS } from './handler-harness.ts';

/** A handler whose topic has shown itself with three partitions. */
async function createThreePartitions() {
  const harness = createHarness();
  const answer = (offsets: readonly (number | null)[]): void => {
    harness.burrow.world.get('local')!.topics.set('orders', offsetsOf(offsets));
  };
  const handler = harness.topic();
  answer([1, 2, 3]);
  handler.start();
  await harness.time.advance(2 * INTERVAL_MS);
  harness.series.calls.length = 0;
  harness.emitted.length = 0;
  return { ...harness, handler, answer, poll: (times = 1) => harness.time.advance(times * INTERVAL_MS) };
}

describe('given a topic with three partitions', () => {
  test('when all offsets are there, then the sample is taken and emitted', async () => {
    const { series, emitted, poll, answer } = await createThreePartitions();
    answer([4, null, 6]);
    await poll();
    expect(series.calls).toMatchObject([
      { key: 'local/topic/orders', call: 'take', sample: { offsets: [4, null, 6] } },
    ]);
    expect(emitted).toMatchObject([{ key: 'local/topic/orders' }]);
  });

  test.each([[[7, 8]], [[]]])(
    'when the list is shorter (%j), then it is skipped and counted',
    async (offsets) => {
      const { series, exceptions, poll, answer } = await createThreePartitions();
      answer(offsets);
      await poll();
      expect(series.calls).toEqual([]);
      expect(exceptions).toEqual(['local incompleteTopic 1']);
    },
  );

  test('when it grows, then the longer list is taken and the old length is short', async () => {
    const { series, samples, poll, answer } = await createThreePartitions();
    answer([4, 5, 6, 7]);
    await poll();
    expect(series.calls).toMatchObject([{ sample: { offsets: [4, 5, 6, 7] } }]);
    answer([4, 5, 6]);
    await poll();
    expect(samples()).toBe(1);
  });

  test('when ten lists in a row are shorter by the same, then the tenth is taken', async () => {
    const { samples, exceptions, poll, answer } = await createThreePartitions();
    answer([7, 8]);
    await poll(9);
    expect(samples()).toBe(0);
    await poll();
    expect(samples()).toBe(1);
    expect(exceptions).toHaveLength(9);
    await poll();
    expect(samples()).toBe(2);
  });

  test('when a list of another length comes between, then the ten are counted anew', async () => {
    const { samples, poll, answer } = await createThreePartitions();
    answer([7, 8]);
    await poll(9);
    answer([7]);
    await poll();
    answer([7, 8]);
    await poll(9);
    expect(samples()).toBe(0);
    answer([7, 8, 9]);
    await poll();
    answer([7, 8]);
    await poll(9);
    expect(samples()).toBe(1);
  });

  test('when it is NOTFOUND for long, then nothing ends, and its length is still known', async () => {
    const { burrow, series, poll, answer } = await createThreePartitions();
    burrow.world.get('local')!.topics.delete('orders');
    await poll(10);
    answer([1]);
    await poll();
    expect(series.calls).toEqual([]);
  });

  test('when the list lacks it, then offsets prove that it lives only where they change', async () => {
    const { handler, poll, answer } = await createThreePartitions();
    handler.missed();
    await poll(3);
    expect(handler.missed()).toBe('unchanged');
    answer([1, 2, 4]);
    await poll();
    expect(handler.missed()).toBe('data');
    await poll();
    expect(handler.missed()).toBe('unchanged');
    answer([1, 2]);
    await poll();
    expect(handler.missed()).toBe('data');
  });

  test('when it is listed again, then what it said before is not compared with', async () => {
    const { handler, poll, answer } = await createThreePartitions();
    handler.missed();
    await poll();
    handler.listed();
    answer([4, 5, 6]);
    handler.missed();
    await poll();
    expect(handler.missed()).toBe('unchanged');
  });

  test('when the handler is stopped because the topic left, then its series end', async () => {
    const { series, handler } = await createThreePartitions();
    handler.stop('GONE');
    expect(series.calls).toMatchObject([{ key: 'local/topic/orders', call: 'gone' }]);
  });
});
