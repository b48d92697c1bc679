/** Columns and rows of the terminal. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Turns frames into the text that makes a terminal show them. */
export interface FrameWriter {
  /**
   * One text that changes the screen to these lines: only those that differ from the frame before are drawn. '' where
   * none does. The first frame, and one of another size, is drawn in full, line by line: some terminals keep a screen
   * that is cleared at once in their scrollback.
   */
  draw(lines: readonly string[], size: TerminalSize): string;
  /** The screen is in an unknown state: the next frame is drawn in full. */
  forget(): void;
}

const CLEAR_LINE = '\u001b[K';

/** See {@link FrameWriter}. The terminal must not wrap lines. */
export function createFrameWriter(): FrameWriter {
  let shown: readonly string[] | null = null;
  let shownSize: TerminalSize = { columns: 0, rows: 0 };

  return {
    draw(lines, size) {
      const isSame = size.columns === shownSize.columns && size.rows === shownSize.rows;
      const before = isSame ? shown : null;
      let text = '';
      for (let row = 0; row < size.rows; row++) {
        const line = lines[row] ?? '';
        if (before !== null && line === (before[row] ?? '')) continue;
        // Cleared first: after a full line the cursor stands on its last character, which would be cleared.
        text += `\u001b[${row + 1};1H${CLEAR_LINE}${line}`;
      }
      shown = lines.slice(0, size.rows);
      shownSize = size;
      return text;
    },
    forget() {
      shown = null;
    },
  };
}
