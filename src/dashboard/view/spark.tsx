import { SPARK_STEPS } from '../live/group-spark.ts';
import { formatTick } from '../../words/numbers.ts';

const WIDTH = 120;
const HEIGHT = 22;
const PAD = 2;

/** The last hour as one line, from 0 to its highest value; nothing is drawn where nothing is known. */
export function Spark({ values }: { readonly values: Float32Array }) {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  const isKnown = values.some((value) => !Number.isNaN(value));
  const label = most > 0 ? `at most ${formatTick(most)} records` : isKnown ? 'no lag' : 'not known yet';
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <path class="spark-base" d={`M0 ${HEIGHT - PAD}H${WIDTH}`} />
      {isKnown && <path class="spark-line" d={lineOf(values, Math.max(most, 1))} />}
    </svg>
  );
}

/** One step without a sample is bridged; more of them are a gap. */
function lineOf(values: Float32Array, most: number): string {
  let line = '';
  let missing = 2;
  for (let index = 0; index < SPARK_STEPS; index += 1) {
    const value = values[index] ?? NaN;
    if (Number.isNaN(value)) {
      missing += 1;
      continue;
    }
    const x = (index * WIDTH) / (SPARK_STEPS - 1);
    const y = HEIGHT - PAD - (value / most) * (HEIGHT - 2 * PAD);
    line += `${missing > 1 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    if (missing > 1) line += 'h0.01';
    missing = 0;
  }
  return line;
}
