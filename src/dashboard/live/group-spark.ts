/** Steps in a spark. */
export const SPARK_STEPS = 60;

/** The characters of the levels 0 to 63. Source: RFC 4648, section 4. */
const LEVELS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const TOP_LEVEL = 63;

/**
 * Writes a spark as the API packs it over 60 values, oldest first; NaN is a step without a sample.
 */
export function unpackSpark(spark: string, maxRecords: number, values: Float32Array): void {
  values.fill(NaN);
  const first = SPARK_STEPS - spark.length;
  for (let index = 0; index < spark.length; index += 1) {
    const level = LEVELS.indexOf(spark.charAt(index));
    if (level >= 0) values[first + index] = (level * maxRecords) / TOP_LEVEL;
  }
}

/** Moves 60 values `steps` to the left; the new steps are not known yet. */
export function advanceSpark(values: Float32Array, steps: number): void {
  if (steps >= SPARK_STEPS) {
    values.fill(NaN);
    return;
  }
  values.copyWithin(0, steps);
  values.fill(NaN, SPARK_STEPS - steps);
}
