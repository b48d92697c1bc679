import { describe, expect, test } from 'vitest';
import { createLedgerQueue } from '../../../src/ledger/kafka/ledger-queue.ts';
import { createManualTime } from '../../outbox/manual-time.ts';

const forever = new AbortController().signal;

/** A queue to a ledger that writes at once, and what has been written. */
function createQueue() {
  const time = createManualTime();
  const written: string[] = [];
  const queue = createLedgerQueue(
    {
      scheduler: time,
      append(entries) {
        written.push(...entries.keys());
        return Promise.resolve();
      },
      onPatienceOver: () => undefined,
    },
    { patienceMs: 15_000 },
  );
  return { queue, time, written };
}

describe('given a ledger that is being written', () => {
  test.each(Array.from({ length: 20 }, (_, turns) => turns))(
    'when more is given %s turns of promises after the first, then that is written, too',
    async (turns) => {
      const { queue, time, written } = createQueue();
      void queue.write(new Map([['one', '1']]), forever);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      void queue.write(new Map([['two', '2']]), forever);
      await time.advance(0);
      expect(written).toEqual(['one', 'two']);
      expect(queue.isBusy()).toBe(false);
    },
  );
});
