import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { GroupDetail, LagPoint } from '../../http/api/contract/group.ts';
import { TimeOfDay } from '../view/moment.tsx';
import { Panel } from '../view/panel.tsx';
import { TimeChart } from '../view/time-chart.tsx';
import type { ThemeChoice } from '../view/theme-switch.tsx';
import { formatTime } from '../../words/clock.ts';
import { formatSpan } from '../../words/durations.ts';
import { formatNumber } from '../../words/numbers.ts';
import { lagLine } from './lag-points.ts';

export interface LagChartProps {
  readonly data: GroupDetail;
  readonly themes: ThemeChoice;
  readonly fromMs: number;
  readonly toMs: number;
  readonly pollIntervalMs: number;
  /** Shown below the chart, over the same time. */
  readonly children: ComponentChildren;
}

/** The series totalLag as it was sent, with its zero bounds, and what is shown below it. */
export function LagChart({ data, themes, fromMs, toMs, pollIntervalMs, children }: LagChartProps) {
  const { points, exactFromMs } = data.totalLag;
  const gapMs = Math.max(data.heat.stepMs, pollIntervalMs) * 2.5;
  const drawn = useMemo(() => {
    const unobserved = data.statusChanges.filter(({ status }) => status === null);
    return lagLine(points, { exactFromMs, gapMs, unobservedMs: unobserved.map(({ atMs }) => atMs) });
  }, [data, gapMs]);
  const lines = useMemo(() => [{ words: 'lag', values: drawn.values, colour: '--accent' as const }], [drawn]);
  return (
    <Panel
      heading="Lag"
      aside={
        <>
          <Sign kind="start" /> begin (0) <Sign kind="end" /> end (0)
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
          text={describe(points, toMs - fromMs)}
          timesMs={drawn.timesMs}
          lines={lines}
          marks={drawn.bounds}
          fromMs={fromMs}
          toMs={toMs}
          heightPixels={220}
        />
      )}
      {children}
      <p class="quiet note">
        {exactFromMs === null ? (
          'One point a step; from now on every record is kept.'
        ) : (
          <>
            Every record that was sent since <TimeOfDay atMs={exactFromMs} />; before that one point a step.
          </>
        )}
      </p>
    </Panel>
  );
}

function describe(points: readonly LagPoint[], spanMs: number): string {
  const most = points.reduce((top, point) => (point[1] > top[1] ? point : top));
  const last = points.at(-1) ?? most;
  const bounds = points.filter(([, , kind]) => kind !== 'value').length;
  return (
    `Lag, ${formatSpan(spanMs)}: ${formatNumber(last[1])} records at ${formatTime(last[0])}, at most ${formatNumber(most[1])} at ${formatTime(most[0])}; ` +
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
