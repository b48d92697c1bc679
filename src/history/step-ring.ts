/** How many steps every history reaches back. */
export const HISTORY_STEPS = 60;

/** The number of the step that a moment lies in. */
export function stepOf(timeMs: number, stepMs: number): number {
  return Math.floor(timeMs / stepMs);
}

/**
 * Makes room in a ring of {@link HISTORY_STEPS} values for a later step: the steps in between had no value.
 *
 * @param newestStep the newest step that the ring has a place for, or NaN where it has none
 * @returns the newest step from now on
 */
export function advance(ring: Float64Array | Float32Array, newestStep: number, step: number): number {
  if (Number.isNaN(newestStep)) return step;
  if (Math.abs(step - newestStep) >= HISTORY_STEPS) {
    // Also where the clock was set back so far that nothing in the ring is of the last hour.
    ring.fill(NaN);
    return step;
  }
  for (let between = newestStep + 1; between <= step; between++) ring[placeOf(between)] = NaN;
  return Math.max(step, newestStep);
}

/** Where a step's value stands in a ring. */
export function placeOf(step: number): number {
  return step % HISTORY_STEPS;
}

/**
 * The values of the {@link HISTORY_STEPS} steps up to `lastStep`, oldest first; NaN where there is none.
 *
 * @param newestStep the newest step that the ring has a place for
 */
export function valuesUpTo(
  ring: Float64Array | Float32Array,
  newestStep: number,
  lastStep: number,
  into: Float64Array,
): Float64Array {
  for (let index = 0; index < HISTORY_STEPS; index++) {
    const step = lastStep - HISTORY_STEPS + 1 + index;
    const isKept = step <= newestStep && step > newestStep - HISTORY_STEPS && step >= 0;
    into[index] = isKept ? (ring[placeOf(step)] ?? NaN) : NaN;
  }
  return into;
}
