import { describe, expect, test } from 'vitest';
import { judgeHealth, type HealthReport, type PartReport } from '../../src/http/health.ts';
import type { HealthInputs } from '../../src/http/health-inputs.ts';
import { createHealthDating } from '../../src/http/health-since.ts';
import type { Condition } from '../../src/platform/condition-tracker.ts';
import { LIMITS, NOW_MS, WELL } from './serve.ts';

const START_MS = 1000;

function reportOf(status: HealthReport['status'], ...parts: readonly PartReport[]): HealthReport {
  return { status, phase: 'running', uptimeSeconds: 1, parts };
}

type Look = readonly [nowMs: number, report: HealthReport];

/** Looks at reports one after the other, at these times, and says since when: the whole, then each part. */
function lookAt(...looks: readonly Look[]): readonly number[][] {
  const date = createHealthDating();
  return looks.map(([nowMs, report]) => {
    const { sinceMs, parts } = date(report, START_MS, nowMs);
    return [sinceMs, ...parts.map((part) => part.sinceMs)];
  });
}

describe('given reports one after the other', () => {
  test('when a part does not tell since when it is so, then since the first look that found it', () => {
    const limit: PartReport = { name: 'group limit', status: 'degraded' };
    const notifier: PartReport = { name: 'notifier', status: 'ok' };
    expect(
      lookAt(
        [2000, reportOf('ok', notifier)],
        [3000, reportOf('degraded', notifier, limit)],
        [4000, reportOf('degraded', notifier, limit)],
        [5000, reportOf('ok', notifier)],
        [6000, reportOf('degraded', notifier, limit)],
      ),
    ).toEqual([
      [START_MS, START_MS],
      [3000, START_MS, 3000],
      [3000, START_MS, 3000],
      [5000, START_MS],
      [6000, START_MS, 6000],
    ]);
  });

  test('when parts tell it, then the whole has been so since the first of them, however late somebody looks', () => {
    const sink = (status: PartReport['status'], sinceMs: number): PartReport => ({
      name: 'sink',
      status,
      sinceMs,
    });
    const ledger = (status: PartReport['status'], sinceMs: number): PartReport => ({
      name: 'ledger',
      status,
      sinceMs,
    });
    expect(
      lookAt(
        [2000, reportOf('ok', sink('ok', 1500), ledger('ok', 1000))],
        [90_000, reportOf('degraded', sink('degraded', 50_000), ledger('degraded', 40_000))],
        [95_000, reportOf('degraded', sink('degraded', 50_000), ledger('ok', 92_000))],
        [99_000, reportOf('ok', sink('ok', 97_000), ledger('ok', 92_000))],
      ).map(([whole]) => whole),
    ).toEqual([1500, 40_000, 40_000, 97_000]);
  });
});

describe('given two Burrow servers', () => {
  const ok = (sinceMs: number) => ['ok', sinceMs] as const;
  const gone = (sinceMs: number) => ['unavailable', sinceMs] as const;
  type Server = readonly [status: PartReport['status'], sinceMs: number];
  const look = (nowMs: number, status: HealthReport['status'], ...servers: readonly Server[]) =>
    [
      nowMs,
      reportOf(
        status,
        ...servers.map(([of, sinceMs], index): PartReport => ({
          name: `burrow b${index}`,
          status: of,
          sinceMs,
        })),
      ),
    ] as const;
  const wholes = (...looks: readonly Look[]) => lookAt(...looks).map(([whole]) => whole);

  test('when one of them is gone, then the whole is degraded since then, however late somebody looks', () => {
    expect(wholes(look(90_000, 'degraded', gone(40_000), ok(START_MS)))).toEqual([40_000]);
    expect(
      wholes(
        look(2000, 'ok', ok(START_MS), ok(START_MS)),
        look(90_000, 'degraded', gone(40_000), ok(START_MS)),
      ),
    ).toEqual([START_MS, 40_000]);
  });

  test('when the other goes, too, then the whole is unavailable since then, and degraded again when it is back', () => {
    expect(
      wholes(
        look(45_000, 'degraded', gone(40_000), ok(START_MS)),
        look(90_000, 'unavailable', gone(40_000), gone(80_000)),
        look(95_000, 'unavailable', gone(40_000), gone(80_000)),
        look(99_000, 'degraded', gone(40_000), ok(98_000)),
      ),
    ).toEqual([40_000, 80_000, 80_000, 99_000]);
    expect(wholes(look(90_000, 'unavailable', gone(40_000), gone(80_000)))).toEqual([80_000]);
  });
});

describe('given nobody who looked for a while', () => {
  test('when a fault has ended and another one has begun meanwhile, then the whole has been degraded since the other one', () => {
    const sink = (status: PartReport['status'], sinceMs: number): PartReport => ({
      name: 'sink',
      status,
      sinceMs,
    });
    expect(
      lookAt(
        [40_000, reportOf('degraded', sink('degraded', 30_000))],
        [90_000, reportOf('degraded', sink('degraded', 80_000))],
        [95_000, reportOf('degraded', sink('degraded', 80_000))],
      ).map(([whole]) => whole),
    ).toEqual([30_000, 80_000, 80_000]);
  });

  test('when the same fault has become worse, or another one has joined it, then the whole has not begun anew', () => {
    const parts = (first: readonly [PartReport['status'], number], secondSinceMs: number) => [
      { name: 'burrow a' as const, status: first[0], sinceMs: first[1] },
      { name: 'ledger' as const, status: 'degraded' as const, sinceMs: secondSinceMs },
    ];
    expect(
      lookAt(
        [40_000, reportOf('degraded', ...parts(['degraded', 30_000], 0).slice(0, 1))],
        [50_000, reportOf('degraded', ...parts(['unavailable', 45_000], 48_000))],
        [60_000, reportOf('degraded', ...parts(['ok', 58_000], 48_000))],
      ).map(([whole]) => whole),
    ).toEqual([30_000, 30_000, 30_000]);
  });

  test('when the sink alone is silent, then the whole is unavailable since then', () => {
    const parts = (burrow: PartReport['status']): PartReport[] => [
      { name: 'burrow b', status: burrow, sinceMs: 50_000 },
      { name: 'sink', status: 'unavailable', sinceMs: 60_000 },
    ];
    expect(
      lookAt([90_000, reportOf('unavailable', ...parts('ok'))])
        .concat(lookAt([90_000, reportOf('unavailable', ...parts('unavailable'))]))
        .map(([whole]) => whole),
    ).toEqual([60_000, 50_000]);
  });
});

describe('given a time that is reckoned back from now', () => {
  test('when it is some milliseconds off at the next look, then it stays; when the part has failed anew, then it moves', () => {
    const sinks = [50_000, 50_003, 49_998, 80_000].map((sinceMs): PartReport => ({
      name: 'sink',
      status: 'unavailable',
      sinceMs,
    }));
    expect(
      lookAt(...sinks.map((sink, look) => [90_000 + look, reportOf('unavailable', sink)] as const)).map(
        ([, ofSink]) => ofSink,
      ),
    ).toEqual([50_000, 50_000, 50_000, 80_000]);
  });
});

describe('given what each part knows of itself', () => {
  const faulty: Condition = { state: 'faulty', reason: 'away', sinceMs: NOW_MS - 5000 };
  const burrow = WELL.burrows[0]!;
  const sinceOf = (inputs: Partial<HealthInputs>, name: string): number | undefined => {
    const notifier = { acceptedEvents: 0, invalidBodies: 0, lastEventMs: null };
    const { parts } = judgeHealth({ ...WELL, ...inputs }, notifier, LIMITS, NOW_MS);
    const sinceMs = parts.find((part) => part.name === name)?.sinceMs;
    return sinceMs === undefined ? undefined : NOW_MS - sinceMs;
  };
  test.each<[string, Partial<HealthInputs>, string, number | undefined]>([
    ['Burrow answers', {}, 'burrow local', 3_600_000],
    [
      'Burrow fails',
      { burrows: [{ ...burrow, lastError: { atMs: NOW_MS, reason: 'no' }, sinceMs: NOW_MS - 7000 }] },
      'burrow local',
      7000,
    ],
    [
      'Burrow is silent, which counts from its limit on',
      { burrows: [{ ...burrow, silence: { durationMs: LIMITS.burrowSilentMs + 9000, about: 'all' } }] },
      'burrow local',
      9000,
    ],
    ['the sink works', {}, 'sink kafka', 3_600_000],
    ['the sink fails', { sink: { name: 'kafka', condition: faulty } }, 'sink kafka', 5000],
    [
      'the sink is silent, which counts from its limit on',
      { outbox: { ...WELL.outbox, waitingSamples: 1, silentMs: LIMITS.sinkSilentMs + 2000 } },
      'sink kafka',
      2000,
    ],
    ['the ledger fails', { ledger: faulty }, 'ledger', 5000],
    ['the outbox has a fault', { outbox: { ...WELL.outbox, condition: faulty } }, 'outbox', 5000],
    [
      'the outbox has dropped samples',
      { outbox: { ...WELL.outbox, lastDropMs: NOW_MS - 1000, dropsSinceMs: NOW_MS - 60_000 } },
      'outbox',
      60_000,
    ],
    [
      'its last drop is long ago',
      { outbox: { ...WELL.outbox, lastDropMs: NOW_MS - LIMITS.dropMemoryMs - 4000, dropsSinceMs: 1 } },
      'outbox',
      4000,
    ],
    ['the clock was set back', { clockAheadMs: 5000, clockSetBackAtMs: NOW_MS - 3000 }, 'clock', 3000],
    [
      'the clock was set back step by step',
      { clockAheadMs: 5000, clockSetBackAtMs: null },
      'clock',
      undefined,
    ],
    ['groups are left out', { groupLimit: { maxGroups: 1, leftOutGroups: 1 } }, 'group limit', undefined],
  ])('when %s, then it says since when', (_, inputs, name, expectedMs) => {
    expect(sinceOf(inputs, name)).toBe(expectedMs);
  });
});
