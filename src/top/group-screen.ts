import type { GroupDetail } from '../http/api/contract/group.ts';
import { formatClock } from '../words/clock.ts';
import { compactSeconds, formatDrain, formatMaybeSeconds, formatSince } from '../words/durations.ts';
import { formatMaybe, UNKNOWN, wholeNumber } from '../words/numbers.ts';
import { TERMS } from '../words/terms.ts';
import { flow, type Piece } from './header-lines.ts';
import { orderPartitions, partitionCells, partitionColumns } from './partitions-table.ts';
import { drawFoot, type Screen } from './screen.ts';
import { clipText, plainText, showText } from './shown-text.ts';
import type { Style } from './style.ts';
import { drawHead, drawRow, statusCell } from './table-cells.ts';
import { secondsSince, type TopModel } from './top-model.ts';
import type { TopState } from './top-state.ts';

/** The most lines that the figures of a group take. */
const MOST_LINES = 5;

/** One group: its figures, and its partitions, one a row. */
export function groupScreen(
  state: TopState,
  model: TopModel,
  width: number,
  style: Style,
  nowMs: number,
): Screen {
  const { cluster = '', group = '' } = state.opened ?? {};
  const shownName = showText(`${cluster} / ${group}`, style.isUnicode);
  const name = style.paint(clipText(shownName, width, style.ellipsis), 'strong');
  const { detail } = model;
  if (detail === null) {
    const why = model.isGroupGone ? 'The sidecar does not know this group.' : `Loading ${style.ellipsis}`;
    return {
      head: [name, ''],
      drawRows: () => [` ${why}`],
      drawFoot: () => drawFoot('q quit  Esc back', '', width, style),
    };
  }
  const columns = partitionColumns(width, detail.partitions, model.overview?.history);
  const spark = {
    width: columns.find(({ id }) => id === 'heat')?.width ?? 0,
    mostRecords: detail.heat.maxRecords,
  };
  const partitions = orderPartitions(detail.partitions, state.partitionOrder);
  const rowsOf = (count: number) => partitions.slice(state.firstPartition, state.firstPartition + count);
  const keys = `q quit  Esc back  s sort by ${state.partitionOrder === 'lag' ? 'name' : 'lag'}`;
  return {
    head: [
      name,
      ...flow(figures(detail, model, style, nowMs), width, MOST_LINES, style),
      ...changesLine(detail, width, style),
      drawHead(columns, width, style),
    ],
    drawRows: (count) =>
      rowsOf(count).map((row) => drawRow(columns, partitionCells(row, spark, style), style, false)),
    drawFoot(count) {
      const to = state.firstPartition + rowsOf(count).length;
      const shown = `${wholeNumber(state.firstPartition + 1)}-${wholeNumber(to)} of ${wholeNumber(detail.partitionCount)}`;
      return drawFoot(keys, partitions.length === 0 ? 'no partitions' : shown, width, style);
    },
  };
}

function figures(detail: GroupDetail, model: TopModel, style: Style, nowMs: number): readonly Piece[] {
  const { isUnicode } = style;
  const { status, statusSinceMs, isSinceExact, notice } = detail;
  const { text: word, tone = 'plain' } = statusCell(status);
  const since = formatSince(statusSinceMs, isSinceExact, nowMs + model.aheadMs);
  const age = (atMs: number): string => compactSeconds(Math.round(secondsSince(atMs, model, nowMs)));
  const pieces: Piece[] = [
    model.isGroupGone ? ['GONE', 'faint'] : [`${word} for ${since}`, tone],
    [`${TERMS.lag} ${formatMaybe(detail.totalLagRecords)}`, 'strong'],
    [`${TERMS.timeLag} ${formatMaybeSeconds(detail.lagSeconds)}`, 'plain'],
    detail.isDraining === false
      ? [formatDrain(null, false), 'warning']
      : [`${TERMS.drainTime} ${formatDrain(detail.drainSeconds, detail.isDraining)}`, 'plain'],
    [`${TERMS.consumed} ${formatMaybe(detail.consumedPerSecond)}`, 'plain'],
    [`${TERMS.produced} ${formatMaybe(detail.producedPerSecond)}`, 'plain'],
  ];
  if (notice !== null) {
    const said = notice.status === null ? '' : ` ${showText(notice.status, isUnicode)}`;
    pieces.push([`notifier: ${notice.event}${said} ${age(notice.atMs)} ago`, 'plain']);
  }
  pieces.push([`polled ${age(detail.sampledAtMs)} ago`, 'faint']);
  return pieces.map(([text, of]) => [plainText(text, isUnicode), of]);
}

/** Since when the group had which status, the newest first, as far as there is room; nothing where there was one only. */
function changesLine({ statusChanges }: GroupDetail, width: number, style: Style): readonly string[] {
  if (statusChanges.length < 2) return [];
  const changes = statusChanges
    .toReversed()
    .map(
      ({ atMs, status }) =>
        `${status === null ? UNKNOWN : statusCell(status).text} ${formatClock(atMs, style.zone)}`,
    );
  return [style.paint(clipText(`since ${changes.join(', ')}`, width, style.ellipsis), 'faint')];
}
