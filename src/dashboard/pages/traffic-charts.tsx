import { useMemo } from 'preact/hooks';
import type { Traffic } from '../../http/api/contract/traffic.ts';
import { Panel } from '../view/panel.tsx';
import { TimeChart, type ChartLine } from '../view/time-chart.tsx';
import type { ThemeChoice } from '../view/theme-switch.tsx';
import { formatCoarse, formatSpan } from '../../words/durations.ts';
import { formatNumber } from '../../words/numbers.ts';

const FAMILIES = ['lag', 'consumer', 'producer', 'traffic'] as const;
const COUNTS = [
  { count: 'totalMessage', words: 'samples' },
  { count: 'validMessage', words: 'with lag' },
  { count: 'exceptionCount', words: 'exceptions' },
] as const;
const COLOURS = ['--line-1', '--line-2', '--line-3', '--line-4', '--line-5'] as const;

/** The last hour in two charts: records by family and acknowledged, and samples. */
export function TrafficCharts({ data, themes }: { readonly data: Traffic; readonly themes: ThemeChoice }) {
  const { minutes, stepMs } = data;
  const timesMs = useMemo(() => minutes.map(({ atMs }) => atMs), [minutes]);
  const families = useMemo(
    () => [
      ...FAMILIES.map((family, index) =>
        line(
          family,
          index,
          minutes.map(({ records }) => records[family]),
        ),
      ),
      line(
        'acknowledged',
        FAMILIES.length,
        minutes.map(({ metricsSent }) => metricsSent),
      ),
    ],
    [minutes],
  );
  const counts = useMemo(
    () =>
      COUNTS.map(({ count, words }, index) =>
        line(
          words,
          index,
          minutes.map((minute) => minute[count]),
        ),
      ),
    [minutes],
  );
  const per = stepMs === 60_000 ? 'per minute' : `per ${formatCoarse(stepMs / 1000)}`;
  const newestMs = timesMs.at(-1) ?? data.nowMs;
  const charts = [
    { title: 'Records made by family, and acknowledged', lines: families },
    { title: 'Samples and exceptions', lines: counts },
  ];
  return (
    <div class="columns">
      {charts.map(({ title, lines }) => (
        <Panel key={title} heading={title} note={`${per}, ${formatSpan(stepMs * 60)}`}>
          {minutes.length === 0 ? (
            <p class="empty">The first {per.slice(4)} is not over yet.</p>
          ) : (
            <TimeChart
              themes={themes}
              text={`${title}, ${per}. ${lines.map(({ words, values }) => `${words}: ${formatNumber(values.at(-1) ?? 0)}`).join(', ')} in the newest.`}
              timesMs={timesMs}
              lines={lines}
              fromMs={newestMs - stepMs * 59}
              toMs={newestMs}
              heightPixels={190}
            />
          )}
        </Panel>
      ))}
    </div>
  );
}

function line(words: string, index: number, values: readonly number[]): ChartLine {
  return { words, values, colour: COLOURS[index] ?? '--accent' };
}
