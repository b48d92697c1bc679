import { FORMAT_NAMES, FORMATS } from '../records/formats/formats.ts';
import { ALL_METRICS, rowOf, type Metric } from '../records/metrics.ts';
import { readLine, type TailRecord } from '../tail/tail-record.ts';
import type { RecordedTotals } from './recalled-group.ts';

/** A message of the topic. */
export interface RecallMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** What was found in the topic so far. */
export interface RecallFigures {
  readonly messages: number;
  /** Of keys and values, not compressed. */
  readonly bytes: number;
  /** Records of group totals that are of this sidecar. */
  readonly records: number;
  readonly groups: number;
  /** Records of group totals that others have written. */
  readonly foreignRecords: number;
  /** Lines that seemed to be such records and could not be read. */
  readonly unreadableLines: number;
}

export interface RecallBookOptions {
  /** The source tag of this sidecar's records. */
  readonly source: string;
  /** Records of more groups are passed over. */
  readonly mostGroups: number;
  /** With so many samples it is full. */
  readonly mostSamples: number;
}

/** Total lag and status of groups, gathered from messages of the topic in whatever order. */
export interface RecallBook {
  readonly figures: RecallFigures;
  readonly isFull: boolean;
  take(messages: readonly RecallMessage[]): void;
  /**
   * What is known of a group since a moment, oldest first, one for each moment; forgets it. A group is known by the key of
   * its messages, which has the true names, and by the tags of its records.
   */
  takeOut(cluster: string, group: string, sinceMs: number): RecordedTotals[];
}

/** Place in a sample of each metric that is wanted. */
const PLACES: ReadonlyMap<string, number> = new Map(
  ALL_METRICS.flatMap((metric): [Metric, number][] => {
    const { history } = rowOf(metric);
    return history === undefined ? [] : [[metric, history === 'lag' ? 1 : 2]];
  }),
);
const WANTED = ALL_METRICS.filter((metric) => PLACES.has(metric));

/** One of these stands in each line that is wanted, in whatever format and naming. */
const SIGNS = [
  ...new Set(
    WANTED.flatMap((metric) => [...Object.values(rowOf(metric).names), rowOf(metric).field]).map((name) =>
      name.slice(name.lastIndexOf('.') + 1),
    ),
  ),
];

const NEWLINE = 0x0a;

/** Numbers of a sample in the list of its group: epoch seconds, total lag, status. */
const WIDTH = 3;

/** See {@link RecallBook}. */
export function createRecallBook({ source, mostGroups, mostSamples }: RecallBookOptions): RecallBook {
  const sources = shownAs('source', source);
  const groups = new Map<string, number[]>();
  const figures = { messages: 0, bytes: 0, records: 0, groups: 0, foreignRecords: 0, unreadableLines: 0 };
  let samples = 0;

  /** Whether the next line may be wanted, too. */
  function takeLine(line: string, key: string): boolean {
    const records = readLine(line, key);
    if (records.length === 0) figures.unreadableLines += 1;
    let isWanted = records.length === 0;
    for (const record of records) {
      const place = PLACES.get(record.metric);
      if (place === undefined) continue;
      isWanted = true;
      if (!isUsable(record)) continue;
      if (!sources.has(record.source)) {
        figures.foreignRecords += 1;
        continue;
      }
      figures.records += 1;
      note(keyOf(key, record.tags.get('env'), record.tags.get('consumer')), place, record);
    }
    return isWanted;
  }

  function note(name: string, place: number, { timestampSeconds, value }: TailRecord): void {
    let numbers = groups.get(name);
    if (numbers === undefined) {
      if (groups.size >= mostGroups) return;
      numbers = [];
      groups.set(name, numbers);
      figures.groups += 1;
    }
    // The records of a sample are neighbours, and so are those of the zero before it.
    let at = numbers.length - WIDTH;
    const earliest = Math.max(0, at - 2 * WIDTH);
    while (at >= earliest && numbers[at] !== timestampSeconds) at -= WIDTH;
    if (at < earliest) {
      at = numbers.length;
      numbers.push(timestampSeconds, NaN, NaN);
      samples += 1;
    }
    numbers[at + place] = value;
  }

  return {
    figures,
    get isFull() {
      return samples >= mostSamples;
    },
    take(messages) {
      for (const { key, value } of messages) {
        figures.messages += 1;
        figures.bytes += (key?.length ?? 0) + (value?.length ?? 0);
        // Most messages are of partitions: one look at the bytes of their first line is enough.
        if (key === null || value === null || !mayBeWanted(firstLineOf(value))) continue;
        const name = key.toString();
        for (const line of value.toString().split('\n')) {
          // The records of the group itself come first in each sample.
          if (!mayBeWanted(line) || !takeLine(line, name)) break;
        }
      }
    },
    takeOut(cluster, group, sinceMs) {
      const found = new Map<number, RecordedTotals>();
      if (groups.size === 0) return [];
      for (const env of shownAs('env', cluster)) {
        for (const consumer of shownAs('consumer', group)) {
          const name = keyOf(`${cluster}/${group}`, env, consumer);
          addTotals(groups.get(name) ?? [], sinceMs, found);
          groups.delete(name);
        }
      }
      return [...found.values()].sort((one, other) => one.atMs - other.atMs);
    },
  };
}

/** Each byte as a character: all that is looked for are letters. */
function firstLineOf(value: Buffer): string {
  const end = value.indexOf(NEWLINE);
  return value.toString('latin1', 0, end < 0 ? value.length : end);
}

function mayBeWanted(line: string): boolean {
  return SIGNS.some((sign) => line.includes(sign));
}

function isUsable({ value, timestampSeconds }: TailRecord): boolean {
  return Number.isFinite(value) && value >= 0 && Number.isSafeInteger(timestampSeconds);
}

/** What records show of a text in the tag of that key, by format. */
function shownAs(key: string, text: string): ReadonlySet<string> {
  return new Set(FORMAT_NAMES.map((name) => FORMATS[name].showTag(key, text)));
}

/** Unambiguous, whatever characters the names hold. */
function keyOf(key: string, env = '', consumer = ''): string {
  return JSON.stringify([key, env, consumer]);
}

/** Adds totals by time, ms since the epoch. What was read twice counts once. */
function addTotals(numbers: readonly number[], sinceMs: number, into: Map<number, RecordedTotals>): void {
  for (let at = 0; at < numbers.length; at += WIDTH) {
    const [seconds = NaN, totalLagRecords = NaN, status = NaN] = numbers.slice(at, at + WIDTH);
    const atMs = seconds * 1000;
    if (atMs < sinceMs) continue;
    const before = into.get(atMs);
    into.set(atMs, {
      atMs,
      totalLagRecords: Number.isNaN(totalLagRecords) ? (before?.totalLagRecords ?? NaN) : totalLagRecords,
      status: Number.isNaN(status) ? (before?.status ?? NaN) : status,
    });
  }
}
