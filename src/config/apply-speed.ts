import type { Configuration } from './configuration.ts';

/** No sped-up interval is shorter, whole milliseconds. */
const SHORTEST_MS = 100;

/** The same configuration in a world that runs `speed` times as fast; `speed` is more than 0. */
export function applySpeed(configuration: Configuration, speed: number): Configuration {
  const divide = (intervalMs: number): number => Math.max(SHORTEST_MS, Math.round(intervalMs / speed));
  const { discovery, poll, health } = configuration;
  return {
    ...configuration,
    discovery: { ...discovery, intervalMs: divide(discovery.intervalMs) },
    poll: { ...poll, intervalMs: divide(poll.intervalMs), pushSafetyMs: divide(poll.pushSafetyMs) },
    health: {
      burrowSilentMs: divide(health.burrowSilentMs),
      sinkSilentMs: divide(health.sinkSilentMs),
    },
  };
}
