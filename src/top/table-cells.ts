import type { Status } from '../words/statuses.ts';
import { fitText, isPlain, showText } from './shown-text.ts';
import type { Style, Tone } from './style.ts';

/** One column of a table. */
export interface Column<Id extends string> {
  readonly id: Id;
  readonly title: string;
  readonly width: number;
  readonly isRight: boolean;
}

/** Columns of the mark before each row. */
export const MARK = 1;

/** What a cell shows. `isName`: a text that comes from Burrow and may hold any character. */
export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
  readonly isName?: boolean;
}

/** The head of a table, over the whole width. */
export function drawHead<Id extends string>(
  columns: readonly Column<Id>[],
  width: number,
  style: Style,
): string {
  const titles = columns.map(({ title, width: room, isRight }) => align(title, room, isRight, style));
  return style.paint(` ${titles.join(' ')}`.padEnd(width).slice(0, width), 'head');
}

/** One row. The chosen one has a mark besides its colours. */
export function drawRow<Id extends string>(
  columns: readonly Column<Id>[],
  cells: Readonly<Record<Id, Cell>>,
  style: Style,
  isChosen: boolean,
): string {
  let text = isChosen ? '>' : ' ';
  let column = MARK + 1;
  for (const [index, { id, width, isRight }] of columns.entries()) {
    const { text: given, tone = 'plain', isName = false } = cells[id];
    const seen = isName ? showText(given, style.isUnicode) : given;
    const shown = align(seen, width, isRight, style);
    text += isChosen ? shown : style.paint(shown, tone);
    column += width;
    // Whatever width this terminal gives to the name, the next cell begins in its column.
    if (isName && style.canMove && !isPlain(seen)) text += `\u001b[${column}G`;
    if (index < columns.length - 1) text += ' ';
    column += 1;
  }
  return isChosen ? style.paint(text, 'selected') : text;
}

const STATUS_TITLE = 'STATUS';

/** The column of statuses, as wide as the longest of these: names beside it need the room. */
export function statusColumn(statuses: readonly Status[]): Column<'status'> {
  const width = Math.max(STATUS_TITLE.length, ...statuses.map((status) => status.length));
  return { id: 'status', title: STATUS_TITLE, width, isRight: false };
}

/** Burrow's word. */
export function statusCell(status: Status): Cell {
  return { text: status, tone: statusTone(status) };
}

/** How bad a status looks. */
export function statusTone(status: Status): Tone {
  if (status === 'OK') return 'good';
  if (status === 'WARN') return 'warning';
  return status === 'UNKNOWN' || status === 'NOTFOUND' ? 'faint' : 'bad';
}

function align(text: string, width: number, isRight: boolean, { ellipsis }: Style): string {
  return isRight ? text.padStart(width).slice(0, width) : fitText(text, width, ellipsis);
}
