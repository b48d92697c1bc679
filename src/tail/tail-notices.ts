import { formatTime } from '../words/clock.ts';
import { formatSeconds } from '../words/durations.ts';
import { formatCount } from '../words/numbers.ts';
import type { TailCounts } from './tail-view.ts';

/** So often is looked, so that what is said after 4 s is said before 5 s have passed. */
export const LOOK_EVERY_MS = 500;
const SILENT_MS = 4000;
const NOTHING_SHOWN_MS = 4500;
const NOTHING_SHOWN_AGAIN_MS = 60_000;

/** What `tail` says beside the records: that it waits, and for what. */
export interface TailNotices {
  /** The topic is read now. */
  reading(nowMs: number): void;
  /** What is to be said now, each line with its end; '' for nothing. To be called every {@link LOOK_EVERY_MS}. */
  look(nowMs: number): string;
}

export interface TailNoticesDeps {
  readonly counts: () => TailCounts;
  /** Brokers that do not answer, and since when, milliseconds since the epoch. */
  readonly silentBrokers: () => readonly { readonly broker: string; readonly sinceMs: number }[];
  /** Whether a broker has answered since then. One that is not silent any more may just not be needed. */
  readonly hasAnswered: (broker: string, sinceMs: number) => boolean;
}

export interface TailNoticesOptions {
  readonly topic: string;
  /** Where the reading began: `from its end on`. */
  readonly from: string;
  /** The flags that filter, as they are written; '' where there are none. */
  readonly filter: string;
  /** What to try where no record comes; '' for nothing. */
  readonly hint: string;
  /** Of the times of day; undefined: the terminal's. */
  readonly zone: string | undefined;
}

/** See {@link TailNotices}. */
export function createTailNotices(
  { counts, silentBrokers, hasAnswered }: TailNoticesDeps,
  { topic, from, filter, hint, zone }: TailNoticesOptions,
): TailNotices {
  const told = new Map<string, number>();
  let nextMs = Infinity;

  function aboutBrokers(nowMs: number): string {
    const silent = silentBrokers();
    let text = '';
    for (const [broker, sinceMs] of told) {
      if (silent.some((each) => each.broker === broker)) continue;
      told.delete(broker);
      if (!hasAnswered(broker, sinceMs)) continue;
      text += `${broker} answers again after ${formatSeconds((nowMs - sinceMs) / 1000)}.\n`;
    }
    for (const { broker, sinceMs } of silent) {
      if (nowMs - sinceMs < SILENT_MS || told.has(broker)) continue;
      told.set(broker, sinceMs);
      text +=
        `${broker} has not answered since ${formatTime(sinceMs, zone)}: check that this broker is up, kafka.brokers and ` +
        'the network, and that kafka.tls fits its listener. Still trying.\n';
    }
    return text;
  }

  function aboutRecords(nowMs: number): string {
    const { read, shown, unreadable } = counts();
    if (shown > 0) nextMs = Infinity;
    if (nowMs < nextMs || told.size > 0) return '';
    nextMs = nowMs + NOTHING_SHOWN_AGAIN_MS;
    const where = `Nothing to show yet from topic ${topic}, read ${from}`;
    const unknown = unreadable === 0 ? '' : `, and ${formatCount(unreadable, 'line')} of no known format`;
    if (read === 0) return `${where}: no record has come${unknown}.${hint}\n`;
    return `${where}: ${formatCount(read, 'record')} came${unknown}; none fits ${filter}.\n`;
  }

  return {
    reading(nowMs) {
      if (nextMs === Infinity) nextMs = nowMs + NOTHING_SHOWN_MS;
    },
    look: (nowMs) => aboutBrokers(nowMs) + aboutRecords(nowMs),
  };
}
