import type { TerminalSize } from './frame-writer.ts';
import { groupScreen } from './group-screen.ts';
import { groupsScreen } from './groups-screen.ts';
import { noticeLines, titleLine, totalsLine } from './header-lines.ts';
import { drawFoot, type Screen } from './screen.ts';
import { clipText } from './shown-text.ts';
import type { Style } from './style.ts';
import type { TopModel } from './top-model.ts';
import type { TopState } from './top-state.ts';

const LEAST: TerminalSize = { columns: 40, rows: 9 };

/** What the keys do, and what the columns mean: at most 16 lines of 40 columns. */
export const helpLines = ({ atLeast }: Style): readonly string[] => [
  ' Up Down PgUp PgDn Home End    move',
  ' Enter  open the group; Esc goes back',
  ' s <    sort by next, previous column',
  ' r      turn the order around',
  ' /      search; Enter keeps, Esc leaves',
  ' f c    choose status, choose cluster',
  ' Esc    show all again',
  ' p      pause, go on',
  ' q      quit; Ctrl-Z: to the background',
  ' SINCE      how long it has its status;',
  `            ${atLeast} where it began earlier`,
  ' TIME LAG   age of the oldest record not',
  '            consumed (estimate)',
  ' DRAIN TIME until the lag is gone',
  ' CONSUMED/S PRODUCED/S      records/s',
  ' ?          not known; blank: no sample',
];

/** The whole screen, line by line; none is wider than it is. */
export function drawScreen(
  state: TopState,
  model: TopModel,
  size: TerminalSize,
  style: Style,
  nowMs: number,
): readonly string[] {
  const { columns, rows } = size;
  if (columns < LEAST.columns || rows < LEAST.rows) {
    const least = `${LEAST.columns}x${LEAST.rows}`;
    return [clipText(`Too small: ${columns}x${rows}, needs ${least}. q quits.`, columns, style.ellipsis)];
  }
  const { top, screen, count } = layOut(state, model, size, style, nowMs);
  const lines = [...top, ...screen.head, ...screen.drawRows(count)].slice(0, rows - 1);
  return [...lines, ...Array<string>(rows - 1 - lines.length).fill(''), screen.drawFoot(count)];
}

/** How many groups, or partitions, fit on the screen: 1 or more. */
export function rowsThatFit(...drawn: Parameters<typeof drawScreen>): number {
  return layOut(...drawn).count;
}

function layOut(state: TopState, model: TopModel, size: TerminalSize, style: Style, nowMs: number) {
  const { columns, rows } = size;
  const top = [
    titleLine(model, { isPaused: state.isPaused, nowMs }, columns, style),
    model.overview === null ? '' : totalsLine(model.overview, columns, style),
    ...noticeLines(model, { most: Math.max(1, Math.floor(rows / 4)), nowMs }, columns, style),
  ];
  const screen = screenOf(state, model, columns, style, nowMs);
  const count = Math.max(1, rows - top.length - screen.head.length - 1);
  return { top, screen, count };
}

function screenOf(state: TopState, model: TopModel, width: number, style: Style, nowMs: number): Screen {
  switch (state.screen) {
    case 'groups':
      return groupsScreen(state, model, width, style, nowMs);
    case 'group':
      return groupScreen(state, model, width, style, nowMs);
    case 'help':
      return {
        head: [],
        drawRows: (count) => helpLines(style).slice(0, count),
        drawFoot: () => drawFoot('any key goes back', '', width, style),
      };
  }
}
