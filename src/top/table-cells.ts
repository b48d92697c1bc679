import type { StatusWord } from '../http/api/contract/words.ts';
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

/** Burrow's word, short enough for its column. */
export function statusCell(status: StatusWord): Cell {
  switch (status) {
    case 'OK':
      return { text: status, tone: 'good' };
    case 'WARN':
      return { text: status, tone: 'warning' };
    case 'NOTFOUND':
      return { text: 'GONE', tone: 'faint' };
    case 'UNKNOWN':
      return { text: '?', tone: 'faint' };
    default:
      return { text: status, tone: 'bad' };
  }
}

function align(text: string, width: number, isRight: boolean, { ellipsis }: Style): string {
  return isRight ? text.padStart(width).slice(0, width) : fitText(text, width, ellipsis);
}
