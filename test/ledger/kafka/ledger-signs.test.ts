import { describe, expect, test } from 'vitest';
import { createLedgerSigns } from '../../../src/ledger/kafka/ledger-signs.ts';
import type { SharedNumbers } from '../../../src/ledger/kafka/ledger-writer.ts';

const forever = new AbortController().signal;
const NUMBERS = '{"v":1,"producerId":"7","epoch":2}';

/** Signs that are written under numbers which a writer gets with its first batch. */
function createSigns() {
  const ledger = new Map<string, string>();
  const appended: (readonly [key: string, as: string])[] = [];
  let shared: SharedNumbers | null = null;
  const signs = createLedgerSigns(
    {
      append(entries, as) {
        shared ??= { producerId: 7n, epoch: 2 };
        for (const [key, value] of entries) {
          appended.push([key, as]);
          if (value === null) ledger.delete(key);
          else ledger.set(key, value);
        }
        return Promise.resolve();
      },
      shared: () => shared,
      succeed: (former) => void (shared = { producerId: former.producerId, epoch: former.epoch + 1 }),
    },
    { writerKey: 'writer' },
  );
  return { signs, ledger, appended, numbers: () => shared };
}

describe('given the signs of a source', () => {
  test('when one is given, then the numbers that it goes under are told with it', async () => {
    const { signs, ledger } = createSigns();
    await signs.beat('beat', '1', forever);
    expect(Object.fromEntries(ledger)).toEqual({ beat: '1', writer: NUMBERS });
  });

  test('when it stops, then it takes them away', async () => {
    const { signs, ledger } = createSigns();
    await signs.beat('beat', '1', forever);
    await signs.stop(forever);
    expect(ledger.size).toBe(0);
  });

  test('when it stops before it has given any, then nothing is written', async () => {
    const { signs, appended } = createSigns();
    await signs.stop(forever);
    expect(appended).toEqual([]);
  });

  test('when another process writes under the same numbers, then the next sign tells, and the one after does not', async () => {
    const { signs } = createSigns();
    signs.fenced();
    expect(await signs.beat('beat', '1', forever)).toEqual({ isContested: true });
    expect(await signs.beat('beat', '2', forever)).toEqual({ isContested: false });
  });

  test('when there was a former process, then its numbers are gone on with, once', async () => {
    const { signs, appended, numbers } = createSigns();
    const entries = new Map([['writer', NUMBERS]]);
    expect(await signs.succeedFormer(entries, 'end', forever)).toBe(true);
    expect({ appended, numbers: numbers() }).toEqual({
      appended: [['end', 'entries']],
      numbers: { producerId: 7n, epoch: 3 },
    });
    expect(await signs.succeedFormer(entries, 'end', forever)).toBe(false);
  });

  test.each([undefined, '', '{"v":2,"producerId":"7","epoch":2}', '{"v":1,"producerId":"x","epoch":2}'])(
    'when the numbers of the former process are %s, then there was none',
    async (value) => {
      const { signs, appended } = createSigns();
      const entries = new Map(value === undefined ? [] : [['writer', value]]);
      expect(await signs.succeedFormer(entries, 'end', forever)).toBe(false);
      expect(appended).toEqual([]);
    },
  );
});
