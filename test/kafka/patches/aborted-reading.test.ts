import { describe, expect, onTestFinished, test } from 'vitest';
import {
  abortedReading,
  hideAborted,
  type FetchedMessage,
} from '../../../src/kafka/patches/aborted-reading.ts';
import { loadInternal } from '../../../src/kafka/patches/patch.ts';

/** `a` is a record of producer a in a transaction, `a!` its abort mark, `a.` its commit mark, `-` one outside of any. */
function partitionOf(log: string, aborted: readonly (readonly [producerId: string, firstOffset: number])[]) {
  const messages = log.split(' ').map((word, offset): FetchedMessage => {
    const [producerId = '', mark = ''] = word;
    const key = mark === '!' ? [0, 0, 0, 0] : mark === '.' ? [0, 0, 0, 1] : [7];
    return {
      offset: String(offset),
      key: Buffer.from(key),
      isControlRecord: mark !== '',
      batchContext: { producerId, inTransaction: producerId !== '-' },
    };
  });
  return {
    messages,
    abortedTransactions: aborted.map(([producerId, first]) => ({ producerId, firstOffset: String(first) })),
  };
}

/** The offsets that are shown. */
function fetched(log: string, ...aborted: Parameters<typeof partitionOf>[1]) {
  const partition = partitionOf(log, aborted);
  hideAborted(partition);
  return partition.messages.flatMap(({ offset, isControlRecord }) =>
    isControlRecord ? [] : [Number(offset)],
  );
}

describe('given what was read of a partition', () => {
  test('when nothing was aborted, then all but marks is shown', () => {
    expect(fetched('a - a. b b.')).toEqual([0, 1, 3]);
  });

  test('when transactions have overlapped, then their order of ending does not matter', () => {
    const log = 'a - b a c b b! - a! c. a a.';
    expect(fetched(log, ['b', 2], ['a', 0])).toEqual([1, 4, 7, 10]);
    expect(fetched(log, ['a', 0], ['b', 2])).toEqual([1, 4, 7, 10]);
  });

  test('when reading begins in the middle of both, then nothing of them is shown', () => {
    expect(fetched('a b a b! a! b', ['b', -4], ['a', -9])).toEqual([5]);
  });
});

describe('given the kafkajs that is installed', () => {
  const broker = (loadInternal('src/broker/index.js') as { readonly prototype: Record<string, unknown> })
    .prototype;
  const batch = (loadInternal('src/consumer/batch.js') as { readonly prototype: Record<string, unknown> })
    .prototype;

  test('when the patch is applied, then it finds what it was made for', () => {
    const before = broker['fetch'];
    onTestFinished(() => void (broker['fetch'] = before));
    expect(abortedReading.apply()).toBeNull();
    expect(broker['fetch']).not.toBe(before);
  });

  test('when a fetch is answered by the brokers, then what was aborted is hidden', async () => {
    const before = broker['fetch'];
    onTestFinished(() => void (broker['fetch'] = before));
    const partition = partitionOf('a b b! a!', [
      ['b', 1],
      ['a', 0],
    ]);
    broker['fetch'] = (request: object) =>
      Promise.resolve({ ...request, responses: [{ partitions: [partition] }] });
    expect(abortedReading.apply()).toBeNull();
    await (broker['fetch'] as (request: object) => Promise<unknown>)({});
    expect(partition.messages.every(({ isControlRecord }) => isControlRecord)).toBe(true);
  });

  test('when fetching has other parameters, then the patch stands aside and changes nothing', () => {
    const before = broker['fetch'];
    onTestFinished(() => void (broker['fetch'] = before));
    const other = (topic: string, request: object) => [topic, request];
    broker['fetch'] = other;
    expect(abortedReading.apply()).toMatch(/Broker\.fetch/);
    expect(broker['fetch']).toBe(other);
  });

  test('when a batch shows other messages, then the patch stands aside and changes nothing', () => {
    const before = broker['fetch'];
    Object.defineProperty(batch, 'messages', { configurable: true, get: () => [], set: () => undefined });
    onTestFinished(() => {
      delete batch['messages'];
    });
    expect(abortedReading.apply()).toMatch(/Batch/);
    expect(broker['fetch']).toBe(before);
  });
});
