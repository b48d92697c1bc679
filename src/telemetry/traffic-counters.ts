import type { CountException, ExceptionKind } from './exceptions.ts';

/** What happened to one cluster since the counts were last taken: the traffic family. */
export interface ClusterTraffic {
  readonly cluster: string;
  /** Samples taken: `totalMessage`. */
  readonly samples: number;
  /** Those of them with a total lag above 0: `validMessage`. */
  readonly laggingSamples: number;
  /** Records that the destination has acknowledged: `metricsSent`. */
  readonly acknowledgedRecords: number;
  /** `exception.{kind}`; only the kinds that occurred. Their sum is `exceptionCount`. */
  readonly exceptions: ReadonlyMap<ExceptionKind, number>;
}

/** Counts per cluster. Nothing here knows the time: the caller decides when a minute is over. */
export interface TrafficCounters {
  /** From now on the cluster is given with every take, zeroes included. Counting against a cluster does the same. */
  know(cluster: string): void;
  /** The cluster is gone: its counts are given once more, then it is left out. */
  forget(cluster: string): void;
  /** @param totalLagRecords null for unknown, and for a topic's sample, which has no lag */
  countSample(cluster: string, totalLagRecords: number | null): void;
  countAcknowledged(cluster: string, records: number): void;
  /** An exception that concerns no one cluster is counted against the blank name, which no take gives. */
  readonly countException: CountException;
  /** The counts of every known cluster, sorted by name, and sets them to 0. */
  takeMinute(): readonly ClusterTraffic[];
}

interface Counts {
  samples: number;
  laggingSamples: number;
  acknowledgedRecords: number;
  exceptions: Map<ExceptionKind, number>;
}

/** See {@link TrafficCounters}. */
export function createTrafficCounters(): TrafficCounters {
  const clusters = new Map<string, Counts>();
  const leaving = new Set<string>();

  return {
    know(cluster) {
      leaving.delete(cluster);
      countsOf(cluster);
    },
    forget(cluster) {
      if (clusters.has(cluster)) leaving.add(cluster);
    },
    countSample(cluster, totalLagRecords) {
      const counts = countsOf(cluster);
      counts.samples += 1;
      if (totalLagRecords !== null && totalLagRecords > 0) counts.laggingSamples += 1;
    },
    countAcknowledged(cluster, records) {
      countsOf(cluster).acknowledgedRecords += records;
    },
    countException(cluster, kind, times) {
      if (cluster === '') return;
      const { exceptions } = countsOf(cluster);
      exceptions.set(kind, (exceptions.get(kind) ?? 0) + times);
    },
    takeMinute() {
      const taken = [...clusters]
        .map(([cluster, counts]) => ({ cluster, ...counts }))
        .sort((a, b) => (a.cluster < b.cluster ? -1 : 1));
      for (const cluster of leaving) clusters.delete(cluster);
      leaving.clear();
      for (const cluster of clusters.keys()) clusters.set(cluster, noCounts());
      return taken;
    },
  };

  function countsOf(cluster: string): Counts {
    let counts = clusters.get(cluster);
    if (counts === undefined) {
      counts = noCounts();
      clusters.set(cluster, counts);
    }
    return counts;
  }
}

function noCounts(): Counts {
  return { samples: 0, laggingSamples: 0, acknowledgedRecords: 0, exceptions: new Map() };
}
