/** What a text is to look like. Without colours the words themselves say the same. */
export type Tone = 'plain' | 'strong' | 'faint' | 'selected' | 'head' | 'good' | 'warning' | 'bad';

/** How to draw on this terminal. */
export interface Style {
  readonly isUnicode: boolean;
  /** Whether the cursor may be moved to a column: after a name whose width terminals may see otherwise. */
  readonly canMove: boolean;
  readonly ellipsis: string;
  readonly dot: string;
  readonly up: string;
  readonly down: string;
  /** Ascending; the first is for 0. */
  readonly sparkSigns: string;
  paint(text: string, tone: Tone): string;
}

export interface StyleOptions {
  /** Whether what is drawn goes to a terminal; else it is bare text. */
  readonly isTerminal: boolean;
  readonly isColourful: boolean;
  readonly isUnicode: boolean;
}

const RESET = '\u001b[0m';
const BARE: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '\u001b[1m',
  faint: '',
  selected: '\u001b[7m',
  head: '\u001b[7m',
  good: '',
  warning: '\u001b[1m',
  bad: '\u001b[1m',
};
const COLOURFUL: Readonly<Record<Tone, string>> = {
  ...BARE,
  faint: '\u001b[2m',
  good: '\u001b[32m',
  warning: '\u001b[33m',
  bad: '\u001b[1;31m',
};

/** See {@link Style}. */
export function createStyle({ isTerminal, isColourful, isUnicode }: StyleOptions): Style {
  const codes = isColourful ? COLOURFUL : BARE;
  return {
    isUnicode,
    canMove: isTerminal,
    ellipsis: isUnicode ? '…' : '~',
    dot: isUnicode ? '·' : '|',
    up: isUnicode ? '▲' : '^',
    down: isUnicode ? '▼' : 'v',
    sparkSigns: isUnicode ? '▁▂▃▄▅▆▇█' : '_.-:=+*#',
    paint: (text, tone) =>
      isTerminal && codes[tone] !== '' && text !== '' ? `${codes[tone]}${text}${RESET}` : text,
  };
}

/** Whether a locale's character set is UTF-8, by the variables in the order in which POSIX reads them. */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return /utf-?8/i.test(locale ?? '');
}
