import { hasCommit, type GroupSample, type PartitionReading } from './sample.ts';

/** What the lags of one sample's partitions add up to. A lag up to the tolerance counts as 0 everywhere. */
export interface LagSurvey {
  /** Sum of the lags; where that is not known, what Burrow says; null where neither is. */
  readonly totalLagRecords: number | null;
  /**
   * The partition with the highest known lag; among equals the first by topic, then by partition id. (Burrow's own
   * `maxlag` picks at random among equals, so its topic and owner flap.) Null where no lag is known.
   */
  readonly max: PartitionReading | null;
  readonly maxLagRecords: number | null;
  /** Where Burrow's total is another one than the sum of the partitions that it is made of. */
  readonly mismatch: TotalMismatch | null;
}

/** Two totals of a group that should be equal, records. */
export interface TotalMismatch {
  readonly burrowRecords: number;
  readonly sumRecords: number;
}

/**
 * Reads every partition of a sample once. Burrow counts a partition without any commit (`end` is null) as 0 in its
 * total, and so does the sum; where any other lag is unknown, the sum is, too.
 */
export function surveyLags(sample: GroupSample, zeroTolerance: number): LagSurvey {
  const readings = sample.partitions;
  let max: PartitionReading | null = null;
  let maxRecords = -1;
  let sumRecords = 0;
  let countedRecords = 0;
  let isWhole = true;
  // Not by an iterator: V8 would make an object of each result.
  for (let index = 0; index < readings.length; index++) {
    const reading = readings[index];
    if (reading === undefined) continue;
    const lagRecords = reading.currentLagRecords;
    if (lagRecords === null) {
      if (hasCommit(reading)) isWhole = false;
      continue;
    }
    const counted = lagRecords <= zeroTolerance ? 0 : lagRecords;
    sumRecords += lagRecords;
    countedRecords += counted;
    if (counted < maxRecords) continue;
    if (counted > maxRecords || max === null || isBefore(reading, max)) {
      max = reading;
      maxRecords = counted;
    }
  }
  const maxLagRecords = max === null ? null : maxRecords;
  const burrowRecords = sample.totalLagRecords;
  if (max === null || !isWhole || !Number.isSafeInteger(sumRecords)) {
    const isNone = burrowRecords !== null && burrowRecords <= zeroTolerance;
    return { totalLagRecords: isNone ? 0 : burrowRecords, max, maxLagRecords, mismatch: null };
  }
  return {
    totalLagRecords: countedRecords,
    max,
    maxLagRecords,
    mismatch: burrowRecords === null || burrowRecords === sumRecords ? null : { burrowRecords, sumRecords },
  };
}

function isBefore(a: PartitionReading, b: PartitionReading): boolean {
  return a.topic === b.topic ? a.partition < b.partition : a.topic < b.topic;
}
