import { describe, expect, test } from 'vitest';
import {
  cureAbortedReading,
  hideAborted,
  type FetchedMessage,
} from '../../../src/kafka/patches/aborted-reading.ts';

/** `a` is a record of producer a in a transaction, `a!` its abort mark, `a.` its commit mark, `-` one outside of any. */
function fetched(log: string, ...aborted: (readonly [producerId: string, firstOffset: number])[]) {
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
  const partition = {
    messages,
    abortedTransactions: aborted.map(([producerId, first]) => ({ producerId, firstOffset: String(first) })),
  };
  hideAborted(partition);
  return messages.flatMap(({ offset, isControlRecord }) => (isControlRecord ? [] : [Number(offset)]));
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

test('given the kafkajs of this project, when it is cured, then it is the one that is meant', () => {
  expect(cureAbortedReading()).toBe(true);
  expect(cureAbortedReading()).toBe(true);
});
