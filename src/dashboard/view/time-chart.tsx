import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatClock, formatTime } from '../../words/clock.ts';
import { formatNumber, formatTick, UNKNOWN } from '../../words/numbers.ts';
import type { ThemeChoice } from './theme-switch.tsx';

/** One line of a chart. */
export interface ChartLine {
  readonly words: string;
  /** One value for each time; null: a gap. */
  readonly values: readonly (number | null)[];
  readonly colour: `--${string}`;
}

/** A sign at a point where a span of a series begins or ends. */
export interface ChartMark {
  readonly atMs: number;
  readonly value: number;
  readonly kind: 'start' | 'end';
}

export interface TimeChartProps {
  readonly themes: ThemeChoice;
  /** What the chart shows, with its figures, for screen readers. */
  readonly text: string;
  readonly timesMs: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly marks?: readonly ChartMark[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly heightPixels: number;
}

const FONT = '11px system-ui, sans-serif';
const MARK_PIXELS = 5;

/** Lines over time, from 0 up, with a legend that follows the pointer. */
export function TimeChart(props: TimeChartProps) {
  const { themes, text, timesMs, lines, fromMs, toMs, heightPixels } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const shape = lines.map(({ words }) => words).join('\n');

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(newest, element.clientWidth), dataOf(newest.current), element);
    };
    draw();
    const resized = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: newest.current.heightPixels });
    });
    resized.observe(element);
    const forget = themes.onChange(draw);
    return () => {
      forget();
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, heightPixels, themes]);

  useEffect(() => {
    plot.current?.setData(dataOf(newest.current));
  }, [timesMs, lines, fromMs, toMs]);

  return <div class="chart" role="img" aria-label={text} ref={place} />;
}

function dataOf({ timesMs, lines }: TimeChartProps): uPlot.AlignedData {
  return [timesMs.map((timeMs) => timeMs / 1000), ...lines.map(({ values }) => [...values])];
}

function optionsOf(newest: { readonly current: TimeChartProps }, width: number): uPlot.Options {
  const quiet = themeColour('--quiet');
  const grid = { stroke: themeColour('--line'), width: 1 };
  const axis = { stroke: quiet, grid, ticks: { ...grid, size: 4 }, font: FONT };
  return {
    width,
    height: newest.current.heightPixels,
    padding: [8, 28, 0, 0],
    cursor: { y: false, points: { size: 6 } },
    scales: {
      x: { range: () => [newest.current.fromMs / 1000, newest.current.toMs / 1000] },
      y: { range: (_plot, _least, most) => [0, Math.max(10, (Number.isFinite(most) ? most : 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        values: (_plot, splits) => splits.map((seconds) => tickOf(seconds * 1000, newest.current)),
        space: 80,
        size: 30,
      },
      { ...axis, values: (_plot, splits) => splits.map((value) => formatTick(value)), size: 56, space: 32 },
    ],
    series: [
      {
        label: 'at',
        // Where the pointer is not on the chart, the newest point is shown.
        value: (plot, seconds: number | null) => timeWithUtc((seconds ?? plot.data[0].at(-1) ?? NaN) * 1000),
      },
      ...newest.current.lines.map(({ words, colour }) => ({
        label: words,
        stroke: themeColour(colour),
        width: 1.5,
        spanGaps: false,
        points: {
          show: true,
          filter: (plot: uPlot, line: number) => lonePoints(plot.data[line] ?? []),
          size: 6,
          fill: themeColour(colour),
        },
        value: (plot: uPlot, _value: number | null, line: number, index: number | null) =>
          valueAt(newest.current, line - 1, index ?? plot.data[0].length - 1),
      })),
    ],
    hooks: { draw: [(chart) => drawMarks(chart, newest.current.marks ?? [])] },
  };
}

/** The points that no line goes through: a line needs two. */
function lonePoints(values: ArrayLike<number | null | undefined>): number[] {
  const isAt = (index: number): boolean => (values[index] ?? null) !== null;
  return Array.from(values, (_, index) => index).filter(
    (index) => isAt(index) && !isAt(index - 1) && !isAt(index + 1),
  );
}

/** The value of a line at a point; of a zero that bounds a span it says so. */
function valueAt({ lines, timesMs, marks = [] }: TimeChartProps, line: number, index: number): string {
  const value = lines[line]?.values[index] ?? null;
  if (value === null) return UNKNOWN;
  const bound = marks.find(({ atMs }) => atMs === timesMs[index]);
  const words = bound === undefined ? '' : bound.kind === 'start' ? ' (begin)' : ' (end)';
  return formatNumber(value) + words;
}

/** In the reader's zone and, where that is another one, in UTC. */
function timeWithUtc(atMs: number): string {
  const [own, utc] = [formatTime(atMs), formatTime(atMs, 'UTC')];
  return own === utc ? own : `${own} = ${utc}`;
}

/** Short charts also show the seconds. */
function tickOf(atMs: number, { fromMs, toMs }: TimeChartProps): string {
  const clock = formatClock(atMs);
  return toMs - fromMs < 600_000 ? clock : clock.slice(0, -3);
}

/** A span begins with a filled triangle that points to the right, and ends with an empty square. */
function drawMarks(chart: uPlot, marks: readonly ChartMark[]): void {
  const { ctx } = chart;
  const size = MARK_PIXELS * uPlot.pxRatio;
  const colour = themeColour('--text');
  ctx.save();
  ctx.fillStyle = colour;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5 * uPlot.pxRatio;
  for (const { atMs, value, kind } of marks) {
    const x = chart.valToPos(atMs / 1000, 'x', true);
    const y = chart.valToPos(value, 'y', true);
    if (x < chart.bbox.left - size || x > chart.bbox.left + chart.bbox.width + size) continue;
    ctx.beginPath();
    if (kind === 'start') {
      ctx.moveTo(x - size * 0.7, y - size);
      ctx.lineTo(x + size, y);
      ctx.lineTo(x - size * 0.7, y + size);
      ctx.fill();
    } else {
      ctx.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6);
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** The value of a colour of colours.css in the current theme: a canvas knows no CSS variables. */
function themeColour(name: `--${string}`): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
