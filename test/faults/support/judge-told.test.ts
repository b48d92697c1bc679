import { describe, expect, test } from 'vitest';
import { judgeTold } from './judge-told.ts';

const part = 'sink';
const reason = 'no broker can be reached: check kafka.brokers';
const begun = { level: 'warn', part, msg: 'The sink does not work; it is tried again', reason };
const goesOn = { level: 'warn', part, msg: 'The sink fails for another reason now', reason };
const cost = { lastedSeconds: 7, waitingSamples: 3, droppedSamples: 0 };
const over = { level: 'info', part, msg: 'The sink works again', ...cost };
const ofLedger = { part: 'ledger', msg: 'The ledger of open spans does not work; it is tried again' };
const ledgerOver = { ...over, part: 'ledger', msg: 'The ledger of open spans works again' };

describe('given lines of the log that tell of faults', () => {
  test('when each begins, ends, says what it cost and is counted, then nothing is wrong', () => {
    const lines = [begun, { ...begun, ...ofLedger }, goesOn, over, ledgerOver, begun, over];
    expect(judgeTold(lines, 4)).toEqual([]);
  });

  test.each([
    ['does not end', [begun], 1, 'did not end: sink'],
    ['ends without a beginning', [over], 0, 'ended, but had not begun'],
    ['begins twice', [begun, begun, over], 2, 'out of turn'],
    ['goes on before it begins', [goesOn, over], 1, 'out of turn'],
    ['has no cost', [begun, { ...over, droppedSamples: undefined }], 1, 'no cost'],
    ['has no remedy', [{ ...begun, reason: 'it hurts' }, over], 1, 'no remedy'],
    ['is not counted', [begun, over], 0, 'counted 0, told 1'],
  ])('when one %s, then that is wrong', (_, lines, counted, wrong) => {
    expect(judgeTold(lines, counted)).toEqual([expect.stringContaining(wrong)]);
  });
});
