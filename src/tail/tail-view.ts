import { cleanText } from '../records/clean-text.ts';
import { escapeUnseen } from '../words/shown-name.ts';
import { readLine, type TailRecord } from './tail-record.ts';
import { createTailTable, type TailTableOptions } from './tail-table.ts';
import { createZeroBounds, type ZeroBound } from './zero-bounds.ts';

/** How records are shown: as they stand in the topic, as rows for a person, or each as one JSON object. */
export type TailOutput = 'lines' | 'table' | 'json';

export interface TailViewOptions extends TailTableOptions {
  readonly output: TailOutput;
  /** Whether it is a terminal: then no line may hold what controls one. */
  readonly isTerminal: boolean;
}

/** One message of the topic. */
export interface TailMessage {
  readonly key: string | null;
  readonly value: string;
}

/** Turns messages into text. */
export interface TailView {
  /** What is to be shown of messages that were read at once, each line with its end; '' for nothing. */
  show(messages: readonly TailMessage[]): string;
  counts(): TailCounts;
}

export interface TailCounts {
  /** Records, whether they are shown or not. */
  readonly read: number;
  /** With lines of no known format that are shown as they are. */
  readonly shown: number;
  /** Lines of no known format. They are left out, unless `output` is lines and there is no filter. */
  readonly unreadable: number;
}

interface ReadLine {
  readonly text: string;
  readonly records: readonly TailRecord[];
}

/**
 * @param deps.isWanted null: all are
 * @param deps.columns the terminal's width now
 */
export function createTailView(
  deps: { readonly isWanted: ((record: TailRecord) => boolean) | null; readonly columns: () => number },
  options: TailViewOptions,
): TailView {
  const { isWanted } = deps;
  const table = createTailTable(deps.columns, options);
  const bounds = createZeroBounds();
  const counts = { read: 0, shown: 0, unreadable: 0 };

  /** @param marks what the zeroes among the records are to their series; only for a table */
  function textOf({ text, records }: ReadLine, marks: readonly (ZeroBound | null)[]): string {
    if (records.length === 0) {
      counts.unreadable += 1;
      if (options.output !== 'lines' || isWanted !== null) return '';
      counts.shown += 1;
      return ofLine(text);
    }
    const wanted = records.filter((record) => isWanted?.(record) !== false);
    counts.read += records.length;
    counts.shown += wanted.length;
    switch (options.output) {
      case 'lines':
        return wanted.length === 0 ? '' : ofLine(text);
      case 'table':
        return wanted.map((record) => table.rows(record, marks[records.indexOf(record)] ?? null)).join('');
      case 'json':
        return wanted.map((record) => `${escapeUnseen(toJson(record))}\n`).join('');
    }
  }

  function ofLine(line: string): string {
    return `${options.isTerminal ? cleanText(line) : line}\n`;
  }

  return {
    show(messages) {
      // A message may hold many lines (kafka.linesPerMessage).
      const lines = messages.flatMap(({ key, value }) =>
        value.split('\n').flatMap((text) => (text === '' ? [] : [{ text, records: readLine(text, key) }])),
      );
      const all = lines.flatMap(({ records }) => records);
      const marks = options.output === 'table' ? bounds.mark(all) : [];
      let at = 0;
      let shown = '';
      for (const line of lines) {
        const text = textOf(line, marks.slice(at, at + line.records.length));
        at += line.records.length;
        shown += text;
      }
      return shown;
    },
    counts: () => counts,
  };
}

/** The same object as `sink.format: json` writes, whatever the topic has. */
function toJson({ name, family, value, timestampSeconds, source, tags }: TailRecord): string {
  return JSON.stringify({
    name,
    family,
    value,
    timestamp: timestampSeconds,
    source,
    tags: Object.fromEntries(tags),
  });
}
