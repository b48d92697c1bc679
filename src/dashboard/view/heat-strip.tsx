import { formatTick } from '../../words/numbers.ts';

/** Levels of heat above 0. */
const TOP_LEVEL = 6;

export interface HeatStripProps {
  /** Lag at each step, oldest first; null: no sample. */
  readonly heat: readonly (number | null)[];
  /** The lag of the hottest colour, in records; more is shown the same. */
  readonly maxRecords: number;
}

/** The heat of a lag: 0 no lag, 6 the most. Small lags differ more than large ones. */
export function heatLevel(lagRecords: number, maxRecords: number): number {
  if (lagRecords === 0) return 0;
  return Math.max(1, Math.ceil(TOP_LEVEL * Math.sqrt(Math.min(1, lagRecords / maxRecords))));
}

/** The last hour of one partition as a row of cells: the more lag, the hotter. */
export function HeatStrip({ heat, maxRecords }: HeatStripProps) {
  const levels = heat.map((lag) => (lag === null ? null : heatLevel(lag, maxRecords)));
  const most = heat.reduce<number>((top, lag) => Math.max(top, lag ?? 0), 0);
  return (
    <svg
      class="heat"
      viewBox={`0 0 ${heat.length} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`at most ${formatTick(most)} records`}
    >
      {runsOf(levels).map(({ level, from, length }) => (
        <rect key={from} class={`heat-${level}`} x={from} width={length} height={1} />
      ))}
    </svg>
  );
}

/** Neighbours of the same level are one cell. */
function runsOf(levels: readonly (number | null)[]): { level: number; from: number; length: number }[] {
  const runs: { level: number; from: number; length: number }[] = [];
  for (const [index, level] of levels.entries()) {
    if (level === null) continue;
    const last = runs.at(-1);
    if (last?.level === level && last.from + last.length === index) last.length += 1;
    else runs.push({ level, from: index, length: 1 });
  }
  return runs;
}

/** What the colours mean. */
export function HeatLegend({ maxRecords }: { readonly maxRecords: number }) {
  return (
    <span class="heat-legend">
      0
      <svg viewBox="0 0 7 1" preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: TOP_LEVEL + 1 }, (_, level) => (
          <rect key={level} class={`heat-${level}`} x={level} width={1} height={1} />
        ))}
      </svg>
      {formatTick(maxRecords)} records
    </span>
  );
}
