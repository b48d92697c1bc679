import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createLevelLedger } from '../../src/ledger/level-ledger.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { createMemoryDisk } from '../store/memory-store.ts';

const forever = new AbortController().signal;

function createLedger() {
  const disk = createMemoryDisk();
  const time = createManualTime();
  const ledger = createLevelLedger(
    { openStore: disk.open, clock: time, scheduler: time, log: pino({ level: 'silent' }) },
    { path: '/ledger' },
  );
  /** Whether it is over after so long. */
  async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    await time.advance(ms);
    return isOver;
  }
  return { disk, time, ledger, within };
}

describe('given a ledger on a disk that hangs', () => {
  test('when it does so in mid-life, then records go on, it is told, and a stop ends', async () => {
    const { disk, ledger, within } = createLedger();
    await ledger.start(forever);
    disk.hangs = true;
    expect(await within(31_000, ledger.write(new Map([['a', '1']]), forever))).toBe(true);
    expect(ledger.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('the disk has not answered for 30 s') as string,
    });
    expect(await within(0, ledger.write(new Map([['b', '1']]), forever))).toBe(true);
    expect(await within(3000, ledger.stop(AbortSignal.abort(new Error('deadline'))))).toBe(true);
  });

  test('when it does so while a write is under way, then a stop ends', async () => {
    const { disk, time, ledger, within } = createLedger();
    await ledger.start(forever);
    disk.hangs = true;
    void ledger.write(new Map([['a', '1']]), forever);
    await time.advance(0);
    expect(await within(3000, ledger.stop(AbortSignal.abort(new Error('deadline'))))).toBe(true);
  });

  test('when it does so before it is read, then reading ends', async () => {
    const { disk, ledger, within } = createLedger();
    await ledger.start(forever);
    disk.hangs = true;
    expect(
      await within(
        31_000,
        ledger.read(forever, () => undefined),
      ),
    ).toBe(true);
    expect(ledger.condition().state).toBe('faulty');
  });

  test('when it answers again, then what could not be written is, too', async () => {
    const { disk, time, ledger, within } = createLedger();
    await ledger.start(forever);
    disk.hangs = true;
    await within(31_000, ledger.write(new Map([['a', '1']]), forever));
    await time.advance(31_000);
    disk.hangs = false;
    expect(await within(0, ledger.write(new Map([['b', '2']]), forever))).toBe(true);
    expect(ledger.condition()).toMatchObject({ state: 'ok' });
    expect([...(await ledger.read(forever, () => undefined)).entries]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });
});

describe('given a write that failed just before the end', () => {
  test('when the disk is well again at the stop, then what was missed is written', async () => {
    const { disk, ledger } = createLedger();
    await ledger.start(forever);
    disk.fault = 'full';
    await ledger.write(new Map([['a', '1']]), forever);
    disk.fault = null;
    await ledger.stop(forever);
    expect(disk.entries.get('entry/a')?.toString()).toBe('1');
  });
});
