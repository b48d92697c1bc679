import type { OffsetHistory } from './offset-history.ts';
import type { PartitionReading } from './sample.ts';

/**
 * Estimates how long ago the committed offset was the end of the log, in seconds to one decimal: the age of the
 * oldest record that the group has not consumed.
 *
 * It is interpolated on the topic's own history of log-end offsets. Where that does not reach back so far, the
 * history's mean rate is carried on backwards; where there is none (the topic is not polled, or only just), the
 * two commits in Burrow's answer serve, each with the lag it was stored with. The result is never less than what
 * Burrow proves: a commit stored with a lag means that the record was there already.
 *
 * @returns null where nothing is known to estimate from
 */
export function estimateLagSeconds(
  reading: PartitionReading,
  history: OffsetHistory | undefined,
  nowMs: number,
): number | null {
  const { endOffset: committedOffset, currentLagRecords } = reading;
  if (committedOffset === null || currentLagRecords === null) return null;
  if (currentLagRecords === 0) return 0;

  const line = new BackwardLine(committedOffset, nowMs, committedOffset + currentLagRecords);
  history?.visitNewestFirst(reading.partition, (timeMs, offset) => line.extend(timeMs, offset));
  if (!line.isFound) {
    line.extendByCommit(reading.endTimestampMs, reading.endOffset, reading.endLagRecords);
    line.extendByCommit(reading.startTimestampMs, reading.startOffset, reading.startLagRecords);
  }
  const estimatedMs = line.ageMs();
  const provenMs = provenAgeMs(reading, nowMs);
  if (estimatedMs === null && provenMs === null) return null;
  const ageMs = Math.max(estimatedMs ?? 0, provenMs ?? 0, 0);
  // Nothing is older than the epoch: the commit has no real time, or the rate was carried on too far.
  if (ageMs >= nowMs) return null;
  return Math.round(ageMs / 100) / 10;
}

function provenAgeMs(reading: PartitionReading, nowMs: number): number | null {
  const { endLagRecords, endTimestampMs } = reading;
  if (endLagRecords === null || endLagRecords <= 0 || endTimestampMs === null) return null;
  // A commit from the future proves nothing, also not an age of 0.
  return endTimestampMs <= nowMs ? nowMs - endTimestampMs : null;
}

/** Points (time, log-end offset) from now backwards, until they reach down to the committed offset. */
class BackwardLine {
  isFound = false;
  readonly #targetOffset: number;
  readonly #nowMs: number;
  readonly #nowOffset: number;
  #oldestMs: number;
  #oldestOffset: number;
  #reachedMs = 0;

  constructor(targetOffset: number, nowMs: number, nowOffset: number) {
    this.#targetOffset = targetOffset;
    this.#nowMs = nowMs;
    this.#nowOffset = nowOffset;
    this.#oldestMs = nowMs;
    this.#oldestOffset = nowOffset;
  }

  /** Returns whether an older point is wanted. */
  extend(timeMs: number, offset: number): boolean {
    // A point that is not older, or that lies above the line (the topic was re-created), is of no use.
    if (timeMs >= this.#oldestMs || offset > this.#oldestOffset) return true;
    if (offset <= this.#targetOffset) {
      const share = (this.#targetOffset - offset) / (this.#oldestOffset - offset);
      this.#reachedMs = timeMs + share * (this.#oldestMs - timeMs);
      this.isFound = true;
      return false;
    }
    this.#oldestMs = timeMs;
    this.#oldestOffset = offset;
    return true;
  }

  extendByCommit(timeMs: number | null, offset: number | null, lagRecords: number | null): void {
    if (this.isFound || timeMs === null || offset === null || lagRecords === null) return;
    this.extend(timeMs, offset + lagRecords);
  }

  ageMs(): number | null {
    if (this.isFound) return this.#nowMs - this.#reachedMs;
    const recordsPerMs = (this.#nowOffset - this.#oldestOffset) / (this.#nowMs - this.#oldestMs);
    if (!(recordsPerMs > 0)) return null;
    return (this.#nowOffset - this.#targetOffset) / recordsPerMs;
  }
}
