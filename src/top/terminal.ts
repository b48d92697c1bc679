import { PassThrough } from 'node:stream';
import { createInterface, emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { TerminalSize } from './frame-writer.ts';
import type { Key } from './press-key.ts';

/** The screen and the keys, taken over until they are given back. */
export interface Terminal {
  size(): TerminalSize;
  write(text: string): void;
  /** Takes over: another screen, no cursor, no line that wraps, each key by itself. */
  open(): void;
  /** Gives the screen back as it was. Idempotent, and at once: also for a process that is about to crash. */
  close(): void;
}

export interface TerminalDeps {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly onKey: (key: Key) => void;
  readonly onResize: () => void;
  /** The terminal does not exist any more: the window was closed, or the connection is lost. */
  readonly onGone: () => void;
}

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[0m\u001b[?1049l';
/** For this long after an Escape the rest of an arrow key may come, over a slow line. */
const ESCAPE_MS = 60;
const ASSUMED: TerminalSize = { columns: 80, rows: 24 };

/** A key as Node reports it. */
interface Keypress {
  readonly name?: string;
  readonly sequence?: string;
  readonly ctrl?: boolean;
}

/** The only control character that comes before another one is the Escape. */
const AFTER_ESCAPE = /^\p{Cc}(\P{C})$/u;

/** See {@link Terminal}. */
export function createTerminal({ stdin, stdout, onKey, onResize, onGone }: TerminalDeps): Terminal {
  // Nothing is read by it: it only says how long an Escape waits.
  const timing = createInterface({ input: new PassThrough(), escapeCodeTimeout: ESCAPE_MS });
  let isOpen = false;

  const press = (text: string | undefined, key: Keypress | undefined): void => {
    const { name = '', sequence = '', ctrl: isControl = false } = key ?? {};
    const typed = AFTER_ESCAPE.exec(sequence)?.[1];
    if (typed === undefined) {
      onKey({ name, text: text ?? '', isControl });
      return;
    }
    // An Escape and at once another key: some keyboards send this for Alt, and a quick person does, too.
    onKey({ name: 'escape', text: '', isControl: false });
    onKey({ name, text: typed, isControl });
  };
  const resize = (): void => onResize();
  stdin.on('end', onGone);
  stdin.on('error', onGone);
  stdout.on('error', onGone);

  return {
    size: () => ({ columns: stdout.columns || ASSUMED.columns, rows: stdout.rows || ASSUMED.rows }),
    write: (text) => void stdout.write(text),
    open() {
      if (isOpen) return;
      isOpen = true;
      emitKeypressEvents(stdin, timing);
      stdin.setRawMode(true);
      stdin.on('keypress', press);
      stdin.resume();
      stdout.on('resize', resize);
      stdout.write(ENTER);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      stdin.off('keypress', press);
      stdout.off('resize', resize);
      stdin.pause();
      stdout.write(LEAVE);
      try {
        stdin.setRawMode(false);
      } catch {
        // The terminal is gone, and its mode with it.
      }
    },
  };
}
