import type { Style } from './style.ts';

/** What is between the lines about the sidecar and the end of the terminal. */
export interface Screen {
  /** Lines that stay. */
  readonly head: readonly string[];
  /** The lines below, of which at most so many are shown. */
  readonly drawRows: (count: number) => readonly string[];
  /** The last line of the terminal, where so many rows are shown. */
  readonly drawFoot: (count: number) => string;
}

/** The last line: as many keys as there is room for, and what part of the list is shown. */
export function drawFoot(keys: string, shown: string, width: number, style: Style): string {
  const room = width - (shown === '' ? 0 : shown.length + 2);
  const fitting = keys.split('  ').reduce((line, key) => {
    const next = line === '' ? key : `${line}  ${key}`;
    return next.length <= room ? next : line;
  }, '');
  return style.paint(fitting.padEnd(width - shown.length), 'faint') + shown;
}
