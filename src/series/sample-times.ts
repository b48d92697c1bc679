/**
 * The times of one URL's samples, in whole epoch seconds, strictly increasing: stamps are whole seconds, so of
 * two samples within one second only the first counts.
 */
export class SampleTimes {
  /** Where a zero-start of the current sample stands: at the sample before. */
  beforeSeconds = 0;
  nowSeconds = 0;

  readonly #options: { readonly intervalMs: number };
  /** No sample at or before this second counts. */
  #latestSeconds: number;
  /** The latest zero with which another process ended what was open here. */
  #endedSeconds = 0;
  /** Whether there is a sample before, since the beginning or since the subject was gone. */
  #hasSample = false;

  /** The interval is read at each first sample. */
  constructor(options: { readonly intervalMs: number }, notBeforeSeconds: number) {
    this.#options = options;
    this.#latestSeconds = notBeforeSeconds;
  }

  /** The latest second that any record of this URL may have. */
  get latestSeconds(): number {
    return Math.max(this.#latestSeconds, this.#endedSeconds);
  }

  /** Begins a sample; false where it is not later than the one before and must be left out. */
  advance(takenAtMs: number): boolean {
    const nowSeconds = toSeconds(takenAtMs);
    // A first sample needs room for its zero-start, later than every record of a life before.
    const beforeSeconds = this.#hasSample
      ? this.#latestSeconds
      : Math.max(
          nowSeconds - Math.max(1, Math.ceil(this.#options.intervalMs / 1000)),
          this.#latestSeconds + 1,
        );
    if (nowSeconds <= beforeSeconds) return false;
    this.nowSeconds = nowSeconds;
    this.beforeSeconds = beforeSeconds;
    this.#latestSeconds = nowSeconds;
    this.#hasSample = true;
    return true;
  }

  /** Another process has ended series of this URL with a zero; its clock may be ahead of this one. */
  endedElsewhere(timestampSeconds: number): void {
    this.#endedSeconds = Math.max(this.#endedSeconds, timestampSeconds);
  }

  /** The subject is gone: the next sample is a first one, and must be later than every record so far. */
  forget(latestRecordSeconds: number): void {
    this.#hasSample = false;
    this.#latestSeconds = Math.max(this.latestSeconds, latestRecordSeconds);
  }
}

/** The whole epoch second that a sample is stamped with. */
export function toSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
