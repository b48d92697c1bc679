import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLedgerCondition } from '../../../src/ledger/kafka/ledger-condition.ts';
import { createManualTime } from '../../outbox/manual-time.ts';

function create() {
  const lines: string[] = [];
  const lasted: (number | undefined)[] = [];
  const log = pino(
    { level: 'info' },
    {
      write(line) {
        const { msg, lastedSeconds } = JSON.parse(line) as { msg: string; lastedSeconds?: number };
        lines.push(msg);
        lasted.push(lastedSeconds);
      },
    },
  );
  const time = createManualTime();
  const state = { isLeftBehind: false };
  const condition = createLedgerCondition(
    { clock: time, log, isLeftBehind: () => state.isLeftBehind },
    { brokers: ['k:9092'], topic: 'ledger' },
  );
  return { condition, lines, lasted, time, state };
}

describe('given a ledger in Kafka of which two tasks fail', () => {
  test('when one of them works again, then it is still faulty, and nothing is said', () => {
    const { condition, lines } = create();
    condition.failed('reading', new Error('one'));
    condition.failed('writing', new Error('other'));
    const before = lines.length;
    condition.works('connecting', 'reading');
    expect(condition.current().state).toBe('faulty');
    expect(lines).toHaveLength(before);
    condition.works('writing');
    expect(condition.current()).toMatchObject({ state: 'ok' });
    expect(lines.at(-1)).toBe('The ledger of open spans works again');
  });

  test('when the other is tried much later, then the fault lasted until the first one worked again', async () => {
    const { condition, lasted, time } = create();
    condition.failed('reading', new Error('one'));
    condition.failed('writing', new Error('other'));
    await time.advance(5000);
    condition.works('connecting', 'writing');
    await time.advance(60_000);
    condition.works('reading');
    expect(lasted.at(-1)).toBe(5);
  });

  test('when one fails again and again while the other works, then that is one fault', async () => {
    const { condition, lines, time } = create();
    const sinceMs = time.nowMs();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      condition.failed('reading', new Error('not yet'));
      condition.works('connecting', 'writing');
      await time.advance(1000);
    }
    expect(condition.current()).toMatchObject({ state: 'faulty', sinceMs });
    expect(lines).toHaveLength(1);
  });
});

describe('given a ledger in Kafka that does not answer', () => {
  test('when records go on without it, then the reason says so', () => {
    const { condition, state } = create();
    state.isLeftBehind = true;
    condition.failed('writing');
    expect(condition.current()).toMatchObject({
      reason: expect.stringContaining('records go on without it') as string,
    });
  });
});
