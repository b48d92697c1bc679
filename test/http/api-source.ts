import type { ApiSource } from '../../src/http/api/api-source.ts';

/** A source that has nothing to show, but for what is given. */
export function createApiSource(over: Partial<ApiSource> = {}): ApiSource {
  return {
    about: {
      version: '1.2.3',
      source: 'rainbow-1',
      pollIntervalMs: 30_000,
      stepMs: 60_000,
      destination: { brokers: ['localhost:9092'], topic: 'speed-racer' },
      outboxMemoryBytes: 64_000_000,
    },
    recall: () => null,
    clusters: () => [],
    groups: {
      version: 0,
      values: () => [],
      goneSince: () => [],
      stepsOf: () => new Float64Array(60).fill(NaN),
      statusesOf: () => [],
    },
    look: () => null,
    minutes: () => [],
    exceptions: () => [],
    machine: { id: 'twin', events: [], regions: [] },
    countTwins: () => [],
    ...over,
  };
}
