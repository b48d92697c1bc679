import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** How a text looks. Without colours the words alone say the same. */
export type Tone = 'plain' | 'strong' | 'faint' | 'selected' | 'head' | 'good' | 'warning' | 'bad';

/** How to draw on this terminal. */
export interface Style {
  readonly isUnicode: boolean;
  /** Of the times of day; undefined: the terminal's own. */
  readonly zone: 'UTC' | undefined;
  /** Whether the cursor may be moved to a column, after a name to which terminals may give another width. */
  readonly canMove: boolean;
  readonly ellipsis: string;
  readonly dot: string;
  readonly up: string;
  readonly down: string;
  /** One column: before a duration that may be longer. */
  readonly atLeast: string;
  /** Ascending; the first is for 0. */
  readonly sparkSigns: string;
  paint(text: string, tone: Tone): string;
}

export interface StyleOptions {
  /** Whether what is drawn goes to a terminal; else it is bare text. */
  readonly isTerminal: boolean;
  readonly isColourful: boolean;
  readonly isUnicode: boolean;
  readonly isUtc?: boolean;
}

const BARE: Readonly<Partial<Record<Tone, Format>>> = {
  strong: 'bold',
  selected: 'inverse',
  head: 'inverse',
  warning: 'bold',
  bad: 'bold',
};
const COLOURFUL: typeof BARE = {
  ...BARE,
  faint: 'dim',
  good: 'green',
  warning: 'yellow',
  bad: ['bold', 'red'],
};

/** See {@link Style}. */
export function createStyle({ isTerminal, isColourful, isUnicode, isUtc = false }: StyleOptions): Style {
  const formats = isColourful ? COLOURFUL : BARE;
  return {
    isUnicode,
    zone: isUtc ? 'UTC' : undefined,
    canMove: isTerminal,
    ellipsis: isUnicode ? '…' : '~',
    dot: isUnicode ? '·' : '|',
    up: isUnicode ? '▲' : '^',
    down: isUnicode ? '▼' : 'v',
    atLeast: isUnicode ? '≥' : '>',
    sparkSigns: isUnicode ? '▁▂▃▄▅▆▇█' : '_.-:=+*#',
    paint(text, tone) {
      const format = formats[tone];
      if (!isTerminal || format === undefined || text === '') return text;
      return styleText(format, text, { validateStream: false });
    },
  };
}

/** Whether a locale's character set is UTF-8, by the variables in the order in which POSIX reads them. */
export function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return /utf-?8/i.test(locale ?? '');
}
