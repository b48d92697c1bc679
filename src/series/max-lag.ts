import type { PartitionReading } from './sample.ts';

/**
 * The partition with the highest known lag; among equals the first by topic, then by partition id. (Burrow's own
 * `maxlag` picks at random among equals, so its topic and owner flap.) Null where no lag is known.
 */
export function findMaxLag(readings: readonly PartitionReading[]): PartitionReading | null {
  let max: PartitionReading | null = null;
  let maxRecords = -1;
  for (let index = 0; index < readings.length; index++) {
    const reading = readings[index];
    if (reading === undefined) continue;
    const lagRecords = reading.currentLagRecords;
    if (lagRecords === null || lagRecords < maxRecords) continue;
    if (lagRecords > maxRecords || max === null || isBefore(reading, max)) {
      max = reading;
      maxRecords = lagRecords;
    }
  }
  return max;
}

function isBefore(a: PartitionReading, b: PartitionReading): boolean {
  return a.topic === b.topic ? a.partition < b.partition : a.topic < b.topic;
}
