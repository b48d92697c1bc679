import { useMemo } from 'preact/hooks';
import type { GroupDetail, LagPoint } from '../../http/api/contract/group.ts';
import { Panel } from '../view/panel.tsx';
import { TimeChart, type ChartMark } from '../view/time-chart.tsx';
import type { ThemeChoice } from '../view/theme-switch.tsx';
import { formatClock } from '../../words/clock.ts';
import { formatNumber } from '../../words/numbers.ts';

export interface LagChartProps {
  readonly data: GroupDetail;
  readonly themes: ThemeChoice;
  readonly fromMs: number;
}

/** The series totalLag as it was sent, with its zero bounds. */
export function LagChart({ data, themes, fromMs }: LagChartProps) {
  const { points, exactFromMs } = data.totalLag;
  const drawn = useMemo(() => drawable(points), [points]);
  const lines = useMemo(
    () => [{ words: 'total lag, records', values: drawn.values, colour: '--accent' as const }],
    [drawn],
  );
  return (
    <Panel
      heading="Total lag"
      aside={
        <>
          <Sign kind="start" /> span begins at 0 <Sign kind="end" /> span ends at 0
        </>
      }
    >
      {points.length === 0 ? (
        <p class="empty">
          No points yet. They are kept from the first lag, or from the first visit to this page.
        </p>
      ) : (
        <TimeChart
          themes={themes}
          text={describe(points)}
          timesMs={drawn.timesMs}
          lines={lines}
          marks={drawn.marks}
          fromMs={fromMs}
          toMs={data.nowMs}
          heightPixels={220}
        />
      )}
      <p class="quiet note">
        {exactFromMs === null
          ? 'One point a step; from now on every record is kept.'
          : `Every record that was sent since ${formatClock(exactFromMs)}; before that one point a step.`}
      </p>
    </Panel>
  );
}

function drawable(points: readonly LagPoint[]): {
  readonly timesMs: number[];
  readonly values: (number | null)[];
  readonly marks: ChartMark[];
} {
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  const marks: ChartMark[] = [];
  for (const [atMs, value, kind] of points) {
    timesMs.push(atMs);
    values.push(value);
    if (kind === 'value') continue;
    marks.push({ atMs, value, kind });
    if (kind === 'end') {
      // A gap between this span and the next.
      timesMs.push(atMs + 1);
      values.push(null);
    }
  }
  return { timesMs, values, marks };
}

function describe(points: readonly LagPoint[]): string {
  const most = points.reduce((top, point) => (point[1] > top[1] ? point : top));
  const last = points.at(-1) ?? most;
  const bounds = points.filter(([, , kind]) => kind !== 'value').length;
  return (
    `Total lag over the last hour: now ${formatNumber(last[1])} records, at most ${formatNumber(most[1])} at ${formatClock(most[0])}; ` +
    `${bounds} zero bounds in ${points.length} points.`
  );
}

function Sign({ kind }: { readonly kind: 'start' | 'end' }) {
  return (
    <svg class="sign" viewBox="0 0 12 12" aria-hidden="true">
      {kind === 'start' ? (
        <path d="M3 1.500 L10.500 6 L3 10.500 Z" fill="currentColor" />
      ) : (
        <rect
          x="2.500"
          y="2.500"
          width="7"
          height="7"
          fill="none"
          stroke="currentColor"
          stroke-width="1.500"
        />
      )}
    </svg>
  );
}
