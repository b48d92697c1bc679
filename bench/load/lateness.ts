import { phaseOf, phaseStartMs } from '../../src/poll/poll-times.ts';
import { percentile } from '../measure/percentile.ts';
import { CLUSTER, groupName } from './load-options.ts';
import type { PollTimes } from './stand-in-asks.ts';

/** A timer may fire a little before its time by the clock; a poll so much too early belongs to the window that comes. */
const EARLY_MS = 100;

/**
 * Compares the arrival of polls with when they were due: a group is polled at the instants of its own phase, which is
 * known from its key alone. Both processes read the same clock.
 */
export function createLatenessBook(groups: number, intervalMs: number) {
  const phases = Array.from({ length: groups }, (_, group) =>
    phaseStartMs(phaseOf(`${CLUSTER}/${groupName(group)}`), intervalMs),
  );
  const latestWindows = new Float64Array(groups).fill(-1);
  const lateMs: number[] = [];
  let missedWindows = 0;
  let repeatedPolls = 0;

  return {
    note(group: number, nowMs: number): void {
      const phase = phases[group] ?? 0;
      const window = Math.floor((nowMs + EARLY_MS - phase) / intervalMs);
      const latest = latestWindows[group] ?? -1;
      lateMs.push(nowMs - phase - window * intervalMs);
      if (latest === window) repeatedPolls += 1;
      else if (latest >= 0) missedWindows += window - latest - 1;
      latestWindows[group] = window;
    },
    times(): PollTimes {
      const sorted = Float64Array.from(lateMs).sort();
      return {
        polls: sorted.length,
        p50Ms: percentile(sorted, 0.5),
        p99Ms: percentile(sorted, 0.99),
        maxMs: percentile(sorted, 1),
        missedWindows,
        repeatedPolls,
      };
    },
  };
}
