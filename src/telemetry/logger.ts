import { isatty } from 'node:tty';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { escapeUnseen, redactLine } from './redact.ts';

/** Names of pino's levels, and `silent`. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** One readable line an event instead of JSON; `auto`: where standard error is a terminal. */
  readonly pretty: 'auto' | boolean;
  /** Colours in pretty lines; `auto` (the default): where standard error is a terminal. */
  readonly colour?: 'auto' | boolean;
  /** Where lines go, each with its `\n`. Default: standard error. */
  readonly stream?: DestinationStream;
}

/** One that gathers lines can say when all of them are written. */
type LogStream = DestinationStream & { flush?(done: () => void): void };

/** How long to wait for the last lines to be written when nobody reads them. */
export const LOG_DEADLINE_MS = 500;

const STANDARD_ERROR_FD = 2;

/** Past this, lines that a stuck reader does not take are dropped rather than kept. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * The process's logger: JSON lines (`level` a word, `time` ISO 8601, `msg`, `err`) or pretty ones, on standard
 * error, without secrets whatever the caller hands over. Writing never blocks and never throws; what waits is
 * flushed when the process exits. Parts take a child of it, `log.child({ part: 'outbox' })`; `setLevel` sets its level
 * and that of all its children, which are to be few.
 */
export function createLogger(options: LoggerOptions): {
  readonly log: Logger;
  readonly setLevel: (level: LogLevel) => void;
} {
  const isTerminal = isatty(STANDARD_ERROR_FD);
  const isPretty = options.pretty === 'auto' ? isTerminal : options.pretty;
  const colour = options.colour ?? 'auto';
  const stream: LogStream = options.stream ?? standardError();
  const children: Logger[] = [];
  const log = pino(
    {
      level: options.level,
      onChild: (child: Logger) => void children.push(child),
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactLine },
    },
    isPretty ? prettyStream(stream, colour === 'auto' ? isTerminal : colour) : stream,
  );
  return {
    log,
    setLevel(level) {
      for (const each of [log, ...children]) each.level = level;
    },
  };
}

/**
 * Resolves when every line logged so far has been written, or after `deadlineMs` where nobody takes them. To be awaited
 * before `process.exit`: what it finds unwritten it writes itself, and may overtake a line that is just being written.
 */
export function flushLog(log: Logger, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadlineMs);
    log.flush(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function standardError(): LogStream {
  const stream = destination({
    dest: STANDARD_ERROR_FD,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    // Lines still go at once, but with 0, its default, the stream's `flush` waits for nothing.
    minLength: 1,
  });
  // Without a listener a full disk or a closed pipe behind standard error would end the process: a line that
  // cannot be written must not cost a sample.
  stream.on('error', () => undefined);
  return stream;
}

/** Formats in this process and in the same call, so that no line is lost between threads at exit. */
function prettyStream(stream: LogStream, colorize: boolean): LogStream {
  const format = prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if part}[{part}] {end}{msg}',
    ignore: 'part',
    singleLine: true,
  });
  return {
    write: (line) => stream.write(escapeUnseen(format(line))),
    flush: (done) => (stream.flush === undefined ? done() : stream.flush(done)),
  };
}
