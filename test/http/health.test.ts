import { describe, expect, test } from 'vitest';
import { judgeHealth } from '../../src/http/health.ts';
import type { BurrowHealth, HealthInputs, OutboxHealth } from '../../src/http/health-inputs.ts';
import type { Condition } from '../../src/platform/condition-tracker.ts';
import { LIMITS, NOW_MS, WELL } from './serve.ts';

const QUIET = { acceptedEvents: 0, invalidBodies: 0, lastEventMs: null };
const FAULTY: Condition = { state: 'faulty', reason: 'brokers are away', sinceMs: NOW_MS - 5000 };
const ERROR = { atMs: NOW_MS - 10, reason: 'connection refused' };

function judge(inputs: HealthInputs) {
  return judgeHealth(inputs, QUIET, LIMITS, NOW_MS);
}

function burrow(
  silentMs: number,
  lastError: BurrowHealth['lastError'] = null,
  about: BurrowHealth['silence']['about'] = 'all',
): BurrowHealth {
  const silence = { durationMs: silentMs, about };
  return { name: 'b', lastOkMs: null, lastSampleMs: null, lastError, sinceMs: NOW_MS - 60_000, silence };
}

function outbox(changes: Partial<OutboxHealth>): OutboxHealth {
  return { ...WELL.outbox, ...changes };
}

const starting = { ...WELL, phase: 'starting', startedAtMs: NOW_MS - 1000 } as const;

const table: [string, HealthInputs, 'ok' | 'degraded' | 'unavailable', string, string | undefined][] = [
  ['all is well', WELL, 'ok', 'burrow local', undefined],
  [
    'groups are left out',
    { ...WELL, groupLimit: { maxGroups: 20, leftOutGroups: 7 } },
    'degraded',
    'group limit',
    '20 groups are followed, as many as discovery.maxGroups allows, and 7 are left out: raise it, or deny some in discovery.groups',
  ],
  [
    'two Burrows have different clusters of one name',
    { ...WELL, namesakes: [{ cluster: 'prod', reason: 'burrow-a lists 2 groups, burrow-b 60' }] },
    'degraded',
    'cluster prod',
    'burrow-a lists 2 groups, burrow-b 60',
  ],
  [
    'nothing but lists is asked for, up to the limit for lists',
    { ...WELL, hasNothingToSample: true, burrows: [burrow(1_199_999)] },
    'ok',
    'burrow b',
    undefined,
  ],
  [
    'nothing but lists is asked for, and they do not come',
    { ...WELL, hasNothingToSample: true, burrows: [burrow(1_200_000)] },
    'unavailable',
    'burrow b',
    'no good answer for 1200 s (limit 1200 s)',
  ],
  [
    'it has just started and heard nothing',
    { ...starting, burrows: [burrow(1000)] },
    'ok',
    'burrow b',
    undefined,
  ],
  [
    'it has just started and Burrow refuses',
    { ...starting, burrows: [burrow(1000, ERROR)] },
    'degraded',
    'burrow b',
    'connection refused',
  ],
  [
    'nothing was heard since a start long ago',
    { ...WELL, burrows: [burrow(3_600_000, ERROR)] },
    'unavailable',
    'burrow b',
    'no good answer for 3600 s (limit 480 s): connection refused',
  ],
  ['Burrow is silent up to the limit', { ...WELL, burrows: [burrow(479_999)] }, 'ok', 'burrow b', undefined],
  [
    'Burrow is silent for the limit',
    { ...WELL, burrows: [burrow(480_000)] },
    'unavailable',
    'burrow b',
    'no good answer for 480 s (limit 480 s)',
  ],
  [
    'Burrow lists its groups but has given no sample of any for the limit',
    { ...WELL, burrows: [{ ...burrow(480_000, ERROR, 'groups'), lastOkMs: NOW_MS - 5 }] },
    'unavailable',
    'burrow b',
    'no good answer about groups for 480 s (limit 480 s): connection refused',
  ],
  [
    'Burrow failed lately',
    { ...WELL, burrows: [burrow(60_000, ERROR)] },
    'degraded',
    'burrow b',
    'connection refused',
  ],
  [
    'one Burrow of two is silent',
    { ...WELL, burrows: [burrow(480_000), { ...burrow(0), name: 'other' }] },
    'degraded',
    'burrow b',
    'no good answer for 480 s (limit 480 s)',
  ],
  [
    'both Burrows are silent',
    { ...WELL, burrows: [burrow(480_000), { ...burrow(500_000), name: 'other' }] },
    'unavailable',
    'burrow other',
    'no good answer for 500 s (limit 480 s)',
  ],
  [
    'it stops and has asked no Burrow for long',
    { ...WELL, phase: 'stopping', burrows: [burrow(900_000)] },
    'ok',
    'burrow b',
    undefined,
  ],
  [
    'records are stamped ahead of the system clock',
    { ...WELL, clockAheadMs: 3_600_000 },
    'degraded',
    'clock',
    'the system clock was set back: records are stamped 3600 s ahead of it, less and less until it has caught up',
  ],
  [
    'the clock was set back',
    { ...WELL, startedAtMs: NOW_MS + 9e6, burrows: [{ ...burrow(1000), lastOkMs: NOW_MS + 9e6 }] },
    'ok',
    'burrow b',
    undefined,
  ],
  [
    'the clock was set forward',
    { ...WELL, burrows: [{ ...burrow(1000), lastOkMs: NOW_MS - 9e6 }] },
    'ok',
    'burrow b',
    undefined,
  ],
  [
    'records wait within the limit',
    { ...WELL, outbox: outbox({ waitingSamples: 1, silentMs: 299_999 }) },
    'ok',
    'sink kafka',
    undefined,
  ],
  [
    'records wait and none was acknowledged for the limit',
    {
      ...WELL,
      outbox: outbox({ waitingSamples: 1, silentMs: 300_000 }),
      sink: { name: 'kafka', condition: FAULTY },
    },
    'unavailable',
    'sink kafka',
    'records wait and none was acknowledged for 300 s (limit 300 s): brokers are away',
  ],
  [
    'it stops while the sink is silent for the limit',
    { ...WELL, phase: 'stopping', outbox: outbox({ waitingSamples: 1, silentMs: 300_000 }) },
    'unavailable',
    'sink kafka',
    'records wait and none was acknowledged for 300 s (limit 300 s)',
  ],
  [
    'nothing waits and nothing was acknowledged for hours',
    { ...WELL, outbox: outbox({ lastAcknowledgedMs: NOW_MS - 9e6 }) },
    'ok',
    'sink kafka',
    undefined,
  ],
  [
    'the sink has a fault',
    { ...WELL, sink: { name: 'kafka', condition: FAULTY } },
    'degraded',
    'sink kafka',
    'brokers are away',
  ],
  [
    'samples were dropped lately',
    { ...WELL, outbox: outbox({ droppedSamples: 2, lastDropMs: NOW_MS - 599_999 }) },
    'degraded',
    'outbox',
    'samples were lost, the newest 600 s ago',
  ],
  [
    'samples were dropped long ago',
    { ...WELL, outbox: outbox({ droppedSamples: 2, lastDropMs: NOW_MS - 600_000 }) },
    'ok',
    'outbox',
    undefined,
  ],
  [
    'the outbox has a fault',
    { ...WELL, outbox: outbox({ condition: FAULTY }) },
    'degraded',
    'outbox',
    'brokers are away',
  ],
];

describe('given the state of the parts', () => {
  test.each(table)('when %s, then it is judged so', (_name, inputs, status, part, reason) => {
    const report = judge(inputs);
    expect(report.status).toBe(status);
    expect(report.parts.find(({ name }) => name === part)?.reason).toBe(reason);
  });

  test('when a part is worse than ok, then it gives a reason, and else none', () => {
    for (const [, inputs] of table) {
      for (const part of judge(inputs).parts) {
        expect([part.name, part.reason !== undefined]).toEqual([part.name, part.status !== 'ok']);
      }
    }
  });

  test('when it is reported, then figures carry their units and what has not been is null', () => {
    const report = judge({
      ...starting,
      burrows: [burrow(1000)],
      outbox: outbox({
        waitingSamples: 4,
        waitingRecords: 12,
        waitingBytes: 900,
        oldestWaitingMs: 1500,
        lastAcknowledgedMs: null,
      }),
    });
    expect(report).toEqual({
      status: 'ok',
      phase: 'starting',
      uptimeSeconds: 1,
      parts: [
        {
          name: 'burrow b',
          status: 'ok',
          sinceMs: NOW_MS - 60_000,
          lastGoodAnswerAgeSeconds: null,
          lastSampleAgeSeconds: null,
        },
        {
          name: 'outbox',
          status: 'ok',
          sinceMs: NOW_MS - 3_600_000,
          waitingSamples: 4,
          waitingRecords: 12,
          waitingBytes: 900,
          diskBytes: 0,
          oldestWaitingSeconds: 1.5,
          droppedSamples: 0,
          lastDropAgeSeconds: null,
        },
        {
          name: 'sink kafka',
          status: 'ok',
          sinceMs: NOW_MS - 3_600_000,
          lastAcknowledgedAgeSeconds: null,
          faultAgeSeconds: null,
        },
        { name: 'notifier', status: 'ok', acceptedEvents: 0, invalidBodies: 0, lastEventAgeSeconds: null },
      ],
    });
  });
});

describe('given a start with many groups', () => {
  test('when not all have been polled yet, then the answer says how many, and nothing is wrong with that', () => {
    const report = judge({ ...WELL, firstPolls: { polledGroups: 3200, groups: 10_000 } });
    expect(report.status).toBe('ok');
    expect(report.parts).toContainEqual({
      name: 'first polls',
      status: 'ok',
      polledGroups: 3200,
      groups: 10_000,
    });
  });

  test('when all have been polled, then there is no word of it', () => {
    expect(judge(WELL).parts.map(({ name }) => name)).not.toContain('first polls');
  });
});
