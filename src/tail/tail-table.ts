import { styleText } from 'node:util';
import { cleanText } from '../records/clean-text.ts';
import { isMetric, rowOf, type Family, type Unit } from '../records/metrics.ts';
import { formatClock, formatDay, formatZone } from '../words/clock.ts';
import { compactSeconds } from '../words/durations.ts';
import { formatNumber, wholeNumber } from '../words/numbers.ts';
import type { TailRecord } from './tail-record.ts';
import type { ZeroBound } from './zero-bounds.ts';

const TIME = 8;
const METRIC = 17;
const NUMBER = 11;
/** A unit, a status, or what a 0 is to its series. */
const UNIT = 7;
const LEAST_COLUMNS = 64;
/** From this width on the owner is shown. */
const COLUMNS_WITH_OWNER = 110;
const OWNER = 24;
const LEAST_OF_CLUSTER = 3;

type Format = Parameters<typeof styleText>[0];

const COLOURS: Readonly<Record<Family, Format>> = {
  lag: 'yellow',
  consumer: 'cyan',
  producer: 'magenta',
  traffic: 'blue',
};

/** Burrow's words for its numbers. No sample has 0, which is a bound alone. */
const STATUS = ['', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'];

export interface TailTableOptions {
  readonly isColourful: boolean;
  /** Else all is ASCII. */
  readonly isUnicode: boolean;
  /** Of the times of day: a name of the IANA database, or `UTC`; undefined: the reader's own. */
  readonly zone: string | undefined;
}

/** Records as rows for a person, each as wide as the terminal is at that moment. */
export interface TailTable {
  /** The row of a record; before it the head of the table, once, and the day where it changes. */
  rows(record: TailRecord, bound: ZeroBound | null): string;
}

/** @param columns the terminal's width now */
export function createTailTable(
  columns: () => number,
  { isColourful, isUnicode, zone }: TailTableOptions,
): TailTable {
  let day = '';
  let isFirst = true;
  let stamp = { atMs: NaN, day: '', time: '' };
  const paint = (text: string, format: Format): string =>
    isColourful ? styleText(format, text, { validateStream: false }) : text;

  function head(): string {
    const { subject, topic, owner } = widths(columns());
    const partition = topic < 'TOPIC/PARTITION'.length ? 'PARTITION' : 'TOPIC/PARTITION';
    const words = ['TIME'.padEnd(TIME), 'CLUSTER/GROUP'.padEnd(subject), partition.padEnd(topic)];
    words.push('METRIC'.padEnd(METRIC), `${'VALUE'.padStart(NUMBER)}${' '.repeat(owner > 0 ? UNIT : 0)}`);
    if (owner > 0) words.push('OWNER');
    return `${paint(words.join(' '), 'bold')}\n`;
  }

  function row(record: TailRecord, bound: ZeroBound | null, time: string): string {
    const { subject, topic, owner } = widths(columns());
    const unit = unitOfMetric(record);
    const number = shownValue(record.value, unit);
    // A long number takes what the name of the metric leaves free, so that rows stay in line.
    const metric = fit(record.metric, Math.min(METRIC, record.metric.length), isUnicode);
    const value = number.padStart(METRIC + NUMBER - metric.length);
    const note = bound === null ? unitText(record.value, unit) : ` ${bound}`;
    const text = [
      paint(time, 'dim'),
      fitSubject(record, subject, isUnicode),
      fit(topicOf(record), topic, isUnicode),
      paint(metric, COLOURS[record.family]),
      `${paint(value, record.value === 0 ? 'green' : 'bold')}${paint(note.padEnd(owner > 0 ? UNIT : 0), noteColour(record.value, unit, bound))}`,
    ];
    if (owner > 0) text.push(paint(fit(record.tags.get('owner') ?? '', owner, isUnicode), 'dim'));
    return `${text.join(' ').trimEnd()}\n`;
  }

  /** Records of one sample have one time: it is put into words once. */
  function stampOf(seconds: number): { readonly day: string; readonly time: string } {
    const atMs = seconds * 1000;
    if (atMs !== stamp.atMs) {
      const time = formatClock(atMs, zone).padEnd(TIME);
      stamp = { atMs, day: `${formatDay(atMs, zone)} ${formatZone(atMs, zone)}`, time };
    }
    return stamp;
  }

  return {
    rows(record, bound) {
      const { day: newDay, time } = stampOf(record.timestampSeconds);
      let text = '';
      if (isFirst) text += head();
      if (newDay !== day) text += `${paint(isUnicode ? `── ${newDay} ──` : `-- ${newDay} --`, 'dim')}\n`;
      isFirst = false;
      day = newDay;
      return text + row(record, bound, time);
    },
  };
}

/** How the columns share the width of the terminal. */
function widths(columns: number): {
  readonly subject: number;
  readonly topic: number;
  readonly owner: number;
} {
  const owner = columns >= COLUMNS_WITH_OWNER ? OWNER : 0;
  const fixed = TIME + METRIC + NUMBER + UNIT + 4 + (owner > 0 ? owner + 1 : 0);
  const room = Math.max(LEAST_COLUMNS, columns) - fixed;
  const subject = Math.ceil(room * 0.6);
  return { subject, topic: room - subject, owner };
}

/** Where there is no room for both, the cluster's name is cut first. */
function fitSubject({ cluster, group }: TailRecord, width: number, isUnicode: boolean): string {
  if (group === null || cluster.length + 1 + group.length <= width) {
    return fit(group === null ? cluster : `${cluster}/${group}`, width, isUnicode);
  }
  const ofCluster = Math.min(cluster.length, Math.max(LEAST_OF_CLUSTER, width - 1 - group.length));
  return `${fit(cluster, ofCluster, isUnicode)}/${fit(group, width - 1 - ofCluster, isUnicode)}`;
}

function topicOf({ topic, partition }: TailRecord): string {
  if (topic === null) return partition === null ? '' : String(partition);
  return partition === null ? topic : `${topic}/${partition}`;
}

function shownValue(value: number, unit: Unit | null): string {
  if (unit === 'seconds') return compactSeconds(value);
  return Number.isInteger(value) ? wholeNumber(value) : formatNumber(value);
}

function unitText(value: number, unit: Unit | null): string {
  if (unit === 'burrowStatus') return ` ${STATUS[value] ?? ''}`;
  return unit === 'recordsPerMinute' ? '/min' : '';
}

function noteColour(value: number, unit: Unit | null, bound: ZeroBound | null): Format {
  if (bound !== null) return 'green';
  if (unit !== 'burrowStatus') return 'dim';
  return value === 1 ? 'green' : value === 2 ? 'yellow' : 'red';
}

function unitOfMetric({ metric }: TailRecord): Unit | null {
  return isMetric(metric) ? rowOf(metric).unit : null;
}

const NOT_ASCII = /[^\x20-\x7e]/gu;

/** Exactly this wide: padded, or with the middle left out, since names differ at both ends. */
function fit(text: string, width: number, isUnicode: boolean): string {
  const clean = isUnicode ? cleanText(text) : cleanText(text).replace(NOT_ASCII, '_');
  if (clean.length <= width) return clean.padEnd(width);
  const end = Math.floor((width - 1) / 2);
  return `${clean.slice(0, width - 1 - end)}${isUnicode ? '…' : '~'}${clean.slice(clean.length - end)}`;
}
