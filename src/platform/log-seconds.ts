/** A duration as the log and the messages have it: seconds, to three significant digits. Less than nothing is 0. */
export function logSeconds(durationMs: number): number {
  return Number((Math.max(0, durationMs) / 1000).toPrecision(3));
}
