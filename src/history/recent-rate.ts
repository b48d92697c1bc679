/** So many of the newest samples a smoothed rate is the mean of. */
export const SMOOTHED_SAMPLES = 4;

/**
 * Notes the rate of a sample in a ring of the {@link SMOOTHED_SAMPLES} newest. A sample without a rate leaves the
 * others as they are.
 *
 * @param sampleNumber how many samples came before
 */
export function noteRate(ring: Float64Array, sampleNumber: number, perMinute: number | null): void {
  if (perMinute !== null) ring[sampleNumber % SMOOTHED_SAMPLES] = perMinute;
}

/**
 * The mean of the newest rates; null where there is none. A consumer that commits less often than it is polled
 * would else seem to stop and run by turns.
 */
export function smoothedRate(ring: Float64Array): number | null {
  let sum = 0;
  let known = 0;
  for (const perMinute of ring) {
    if (Number.isNaN(perMinute)) continue;
    sum += perMinute;
    known += 1;
  }
  return known === 0 ? null : Math.round((sum / known) * 1000) / 1000;
}
