import { describe, expect, test } from 'vitest';
import { createEarlySpans } from '../../src/ledger/early-spans.ts';
import type { OpenSpan } from '../../src/records/record.ts';

const span = (partition: number): OpenSpan => ({
  subject: { kind: 'partition', cluster: 'prod', group: 'workers', topic: 'orders', partition },
  metric: 'Lag',
  isDoubtful: false,
});

describe('given spans that are opened before the ledger has been read', () => {
  test('when one is closed again, then it was opened all the same', () => {
    const early = createEarlySpans();
    early.note('a', { opened: [span(0), span(1)], open: () => [span(0), span(1)] });
    early.note('a', { opened: [], open: () => [span(1)] });
    expect(early.of('a')).toEqual({ opened: [span(0), span(1)], open: [span(1)] });
  });

  test('when one is opened twice, then it counts once', () => {
    const early = createEarlySpans();
    for (let times = 0; times < 2; times += 1) early.note('a', { opened: [span(0)], open: () => [span(0)] });
    expect(early.of('a').opened).toEqual([span(0)]);
  });

  test('when nothing of an owner was opened, then that is known', () => {
    expect(createEarlySpans().of('a')).toEqual({ opened: [], open: [] });
  });

  test('when there are too many to remember, then nothing is said of an owner that opened some', () => {
    const early = createEarlySpans();
    const many = Array.from({ length: 200_001 }, (_, partition) => span(partition));
    early.note('a', { opened: [span(0)], open: () => [span(0)] });
    early.note('b', { opened: many, open: () => [] });
    expect(early.of('a')).toEqual({ opened: null, open: [span(0)] });
    expect(early.of('c').opened).toEqual([]);
  });
});
