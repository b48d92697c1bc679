import type { FormatName } from '../../src/records/formats/formats.ts';
import type { NamingName } from '../../src/records/naming/naming.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import type { SampleRecords } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { linesOf } from '../outbox/sample-of.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from '../series/history.ts';

export interface WritingOptions {
  readonly format?: FormatName;
  readonly naming?: NamingName;
  readonly source?: string;
  readonly linesPerMessage?: number;
}

export interface WrittenMessage {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** What a sidecar writes to its topic of groups with two partitions. */
export function createWriter({
  format = 'wavefront',
  naming = 'rainbow',
  source = 'here',
  linesPerMessage = 50,
}: WritingOptions = {}) {
  const book = createSeriesBook(DEPS, OPTIONS);
  const encoder = createEncoder({ format, naming, prefix: 'burrow', source, tags: { dc: 'us1' } });

  function written(records: SampleRecords | null): WrittenMessage[] {
    if (records === null) return [];
    const lines = linesOf(encoder.encode(records));
    const messages: WrittenMessage[] = [];
    for (let at = 0; at < lines.length; at += linesPerMessage) {
      const value = lines.slice(at, at + linesPerMessage).join('\n');
      messages.push({ key: Buffer.from(records.key), value: Buffer.from(value) });
    }
    return messages;
  }

  return {
    /** The messages of a sample so many seconds after {@link START_MS}. */
    sampled(
      cluster: string,
      group: string,
      second: number,
      lagRecords: number,
      status = 1,
    ): WrittenMessage[] {
      const readings = [
        reading({ partition: 0, currentLagRecords: lagRecords }),
        reading({ partition: 1, topic: 'mail' }),
      ];
      return written(book.group(cluster, group).take(sample(START_MS + second * 1000, readings, status)));
    },
    gone: (cluster: string, group: string, second: number): WrittenMessage[] =>
      written(book.group(cluster, group).gone(START_MS + second * 1000)),
  };
}
