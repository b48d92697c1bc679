import { cleanText } from '../records/clean-text.ts';
import { readLine, type TailRecord } from './tail-record.ts';
import { createTailTable } from './tail-table.ts';

/** How records are shown: as they stand in the topic, as rows for a person, or each as one JSON object. */
export type TailOutput = 'lines' | 'table' | 'json';

export interface TailViewOptions {
  readonly output: TailOutput;
  /** Whether it is a terminal: then no line may hold what controls one. */
  readonly isTerminal: boolean;
  readonly isColourful: boolean;
}

/** One message of the topic. */
export interface TailMessage {
  readonly key: string | null;
  readonly value: string;
}

/** Turns messages into text. */
export interface TailView {
  /** What is to be shown of a message, each line with its end; '' for nothing. */
  show(message: TailMessage): string;
  /** How many lines had no known format. They are left out, unless `output` is lines and there is no filter. */
  unreadable(): number;
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
  let unreadable = 0;

  function showLine(line: string, key: string | null): string {
    const records = readLine(line, key);
    if (records.length === 0) {
      unreadable++;
      return options.output === 'lines' && isWanted === null ? ofLine(line) : '';
    }
    const wanted = records.filter((record) => isWanted?.(record) !== false);
    switch (options.output) {
      case 'lines':
        return wanted.length === 0 ? '' : ofLine(line);
      case 'table':
        return wanted.map((record) => table.rows(record)).join('');
      case 'json':
        return wanted.map((record) => `${toJson(record)}\n`).join('');
    }
  }

  function ofLine(line: string): string {
    return `${options.isTerminal ? cleanText(line) : line}\n`;
  }

  return {
    show({ key, value }) {
      let text = '';
      // A message may hold many lines (kafka.linesPerMessage).
      for (const line of value.split('\n')) if (line !== '') text += showLine(line, key);
      return text;
    },
    unreadable: () => unreadable,
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
