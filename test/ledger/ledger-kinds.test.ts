import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger-kinds.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { neverAborts } from '../sinks/report.ts';

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

  test('when its folder cannot be used, then that is not counted among the faults of the destination', async () => {
    const causes: string[] = [];
    const faults = { began: (cause: string) => void causes.push(cause), ended: () => ({}) };
    const ledger = await createLedger(
      { topic: '', path: '/dev/null/ledger' },
      { ...deps, faults },
      { source: 's', kafka: undefined },
    );
    await ledger?.start(neverAborts);
    await ledger?.write(new Map([['key', 'entry']]), neverAborts);
    expect(ledger?.condition().state).toBe('faulty');
    expect(causes).toEqual([]);
    await ledger?.stop(neverAborts);
  });
});
