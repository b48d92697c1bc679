import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consumedRecords, type Flow, producedRecords } from '../../src/simulator/flow.ts';
import { BURSTS, LANE_SPEEDS, SCENARIOS, STEADY } from '../../src/simulator/scenario.ts';

const capacities = Object.entries(SCENARIOS).flatMap(([name, { capacity }]) =>
  LANE_SPEEDS.map((factor) => ({
    name,
    flow: {
      ...capacity,
      steps: capacity.steps.map((step) => ({ ...step, recordsPerSecond: step.recordsPerSecond * factor })),
    } satisfies Flow,
  })),
);
const production = fc.record({
  flow: fc.constantFrom(STEADY, BURSTS),
  byMs: fc.constantFrom(0, 30_000, 60_000),
});
const capacity = fc.record({ flow: fc.constantFrom(...capacities), byMs: fc.nat(360_000) });

function ratePerSecond(flow: Flow, phaseMs: number): number {
  return flow.steps.find(({ untilMs }) => phaseMs < untilMs)?.recordsPerSecond ?? NaN;
}

describe('given a topic and a consumer of limited capacity', () => {
  test('when the queue is simulated step by step, then it agrees with the formula', () => {
    const stepMs = 100;
    fc.assert(
      fc.property(production, capacity, ({ flow, byMs }, consumer) => {
        const longestMs = Math.max(flow.periodMs, consumer.flow.flow.periodMs);
        const consumerByMs = Math.floor(consumer.byMs / stepMs) * stepMs;
        let backlog = 0;
        for (let atMs = 0; atMs < 3 * longestMs; atMs += stepMs) {
          const phase = (periodMs: number, by: number): number =>
            (((atMs - by) % periodMs) + periodMs) % periodMs;
          const ofConsumer = phase(consumer.flow.flow.periodMs, consumerByMs);
          const { setback } = consumer.flow.flow;
          if (setback?.atMs === ofConsumer) backlog += setback.records;
          const incoming = ratePerSecond(flow, phase(flow.periodMs, byMs));
          const outgoing = ratePerSecond(consumer.flow.flow, ofConsumer);
          backlog = Math.max(0, backlog + ((incoming - outgoing) * stepMs) / 1000);
        }
        const endMs = 3 * longestMs;
        const topic = { flow, byMs };
        const consumed = consumedRecords(topic, { flow: consumer.flow.flow, byMs: consumerByMs }, endMs);
        // A setback in the very moment of the end is in the formula already, and not yet in the steps.
        const due = (((endMs - consumerByMs) % longestMs) + longestMs) % longestMs;
        const pending = consumer.flow.flow.setback?.atMs === due ? consumer.flow.flow.setback.records : 0;
        expect(producedRecords(topic, endMs) - consumed).toBeCloseTo(backlog + pending, 4);
      }),
      { numRuns: 60 },
    );
  });

  test('when time passes, then consumption never exceeds production and falls only in a setback', () => {
    fc.assert(
      fc.property(
        production,
        capacity,
        fc.integer({ min: -1_000_000, max: 10_000_000 }),
        fc.nat(600_000),
        (topic, consumer, fromMs, laterMs) => {
          const group = { flow: consumer.flow.flow, byMs: consumer.byMs };
          const before = consumedRecords(topic, group, fromMs);
          const after = consumedRecords(topic, group, fromMs + laterMs);
          expect(before).toBeLessThanOrEqual(producedRecords(topic, fromMs) + 1e-6);
          if (consumer.flow.name !== 'rewinding') expect(after).toBeGreaterThanOrEqual(before - 1e-6);
        },
      ),
    );
  });
});

describe('given the stories that come with the simulator', () => {
  test.each(capacities)(
    'when a period of $name is over, then nothing is left to consume for ever',
    ({ flow }) => {
      const perSecond = (one: Flow): number =>
        producedRecords({ flow: one, byMs: 0 }, one.periodMs) / one.periodMs;
      expect(perSecond(flow)).toBeGreaterThan(Math.max(perSecond(STEADY), perSecond(BURSTS)));
      for (const topic of [STEADY, BURSTS]) expect(flow.periodMs % topic.periodMs).toBe(0);
    },
  );
});
