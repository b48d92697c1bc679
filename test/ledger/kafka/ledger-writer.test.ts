import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLedgerWriter } from '../../../src/ledger/kafka/ledger-writer.ts';
import type { BatchNumbering } from '../../../src/kafka/messages/producer-numbers.ts';
import { createManualTime } from '../../outbox/manual-time.ts';

const forever = new AbortController().signal;

/** A writer to a ledger that answers nothing before it is mended; the numbers of what was sent. */
function createWriter() {
  const time = createManualTime();
  const sent: BatchNumbering[] = [];
  const state = { isAway: true };
  const link = {
    partitions: 1,
    producer: {
      connect: () => Promise.resolve(),
      partitionCount: () => Promise.resolve(1),
      isHeldBack: () => false,
      disconnect: () => Promise.resolve(),
      send(_partition: number, _messages: unknown, numbers?: (ownId: bigint) => BatchNumbering) {
        if (numbers !== undefined) sent.push(numbers(7n));
        return state.isAway ? Promise.reject(new Error('no answer')) : Promise.resolve(true);
      },
    },
  };
  const writer = createLedgerWriter(
    {
      scheduler: time,
      log: pino({ level: 'silent' }),
      random: () => 0,
      ready: () => Promise.resolve(link),
      renew: () => undefined,
      onArrived: () => undefined,
      onFailed: () => undefined,
      onFenced: () => undefined,
    },
    { brokers: ['k:9092'], topic: 'ledger' },
  );
  return { writer, time, sent, state };
}

describe('given a sign that was sent and not answered', () => {
  test('when it is given up before it is sent again, then what comes next goes under later numbers', async () => {
    const { writer, time, sent, state } = createWriter();
    const stopped = new AbortController();
    const sign = writer.append(new Map([['beat', '1']]), 'sign', stopped.signal);
    sign.catch(() => undefined);
    await time.advance(0);
    stopped.abort(new Error('stopped'));
    await expect(sign).rejects.toThrow('stopped');
    state.isAway = false;
    await writer.append(new Map([['entry', '2']]), 'entries', forever);
    const [first, next] = [sent[0], sent.at(-1)];
    expect(next?.firstSequence).toBe(0);
    expect(next?.producerEpoch).toBeGreaterThan(first?.producerEpoch ?? Infinity);
  });

  test('when it was never sent, then what comes next goes on with the numbers', async () => {
    const { writer, sent, state } = createWriter();
    state.isAway = false;
    await writer.append(new Map([['entry', '1']]), 'entries', forever);
    await expect(
      writer.append(new Map([['beat', '1']]), 'sign', AbortSignal.abort(new Error('stopped'))),
    ).rejects.toThrow('stopped');
    await writer.append(new Map([['entry', '2']]), 'entries', forever);
    expect(sent.map(({ producerEpoch, firstSequence }) => [producerEpoch, firstSequence])).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });
});
