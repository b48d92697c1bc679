import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger-kinds.ts';
import { createManualTime } from '../outbox/manual-time.ts';

const time = createManualTime();
const deps = {
  clock: time,
  scheduler: time,
  random: () => 0,
  log: pino({ level: 'silent' }),
  beforeReading: () => Promise.resolve(),
};

describe('given where a configuration keeps the ledger', () => {
  test('when that is nowhere, then there is none', async () => {
    const ledger = await createLedger({ topic: '', path: '' }, deps, { source: 's', kafka: undefined });
    expect(ledger).toBeNull();
  });

  test('when it is a topic, then others may use it, too', async () => {
    const kafka = { brokers: ['k:9092'], clientId: 'c', topic: 'records', compression: 'gzip' } as const;
    const ledger = await createLedger({ topic: 'spans', path: '' }, deps, {
      source: 's',
      kafka: { ...kafka, linesPerMessage: 1 },
    });
    expect(ledger?.isShared).toBe(true);
  });

  test('when it is a folder, then it belongs to one process', async () => {
    const ledger = await createLedger({ topic: '', path: '/l' }, deps, { source: 's', kafka: undefined });
    expect(ledger?.isShared).toBe(false);
  });
});
