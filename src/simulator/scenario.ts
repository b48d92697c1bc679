import type { Flow } from './flow.ts';

/** What happens to a group in each period. */
export type ScenarioName = 'calm' | 'bursty' | 'stalling' | 'dying' | 'rebalancing' | 'stuck' | 'rewinding';

/** A span within a scenario's period: from `fromMs` up to, but without, `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The story of one group. Times are in the world's own milliseconds, within `capacity.periodMs`. */
export interface Scenario {
  /** How fast the group can consume one partition of average traffic. */
  readonly capacity: Flow;
  /** No commits arrive. */
  readonly silent?: Span;
  /** Burrow does not know the group; `unlisted` begins a little later, as in Burrow. */
  readonly missing?: Span;
  readonly unlisted?: Span;
  /** When, in each period, every partition gets another owner. */
  readonly rebalanceAtMs?: number;
  /** True where the group's clients commit so soon that its lag is nearly always 0. */
  readonly commitsAtOnce?: true;
}

function flow(...steps: readonly (readonly [untilSeconds: number, recordsPerSecond: number])[]): Flow {
  return {
    periodMs: (steps.at(-1)?.[0] ?? 0) * 1000,
    steps: steps.map(([untilSeconds, recordsPerSecond]) => ({
      untilMs: untilSeconds * 1000,
      recordsPerSecond,
    })),
  };
}

function span(fromSeconds: number, toSeconds: number): Span {
  return { fromMs: fromSeconds * 1000, toMs: toSeconds * 1000 };
}

/** Production without a pause, higher in the second of every two minutes. Records a second and partition. */
export const STEADY: Flow = flow([60, 18], [120, 30]);

/** Production for 25 s of every two minutes, else none. */
export const BURSTS: Flow = flow([5, 0], [30, 80], [120, 0]);

/** Every period is a multiple of the production's two minutes, and every capacity outweighs it. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  calm: { capacity: flow([120, 200]), commitsAtOnce: true },
  bursty: { capacity: flow([120, 40]) },
  // Too slow at first: Burrow only calls a silent group stopped if it had lag all through its window.
  stalling: { capacity: flow([75, 10], [150, 0], [240, 120]), silent: span(75, 150) },
  dying: {
    capacity: flow([50, 60], [240, 0], [360, 150]),
    silent: span(50, 240),
    missing: span(80, 240),
    unlisted: span(110, 240),
  },
  rebalancing: {
    capacity: flow([70, 60], [82, 0], [120, 90]),
    silent: span(70, 82),
    rebalanceAtMs: 76_000,
  },
  stuck: { capacity: flow([40, 60], [150, 0], [240, 90]) },
  rewinding: { capacity: { ...flow([240, 70]), setback: { atMs: 100_000, records: 3000 } } },
};

/** Index = partition id modulo the length: some partitions are consumed faster than others. */
export const LANE_SPEEDS: readonly number[] = [1, 0.85, 1.3];
