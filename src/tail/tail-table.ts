import { styleText } from 'node:util';
import { cleanText } from '../records/clean-text.ts';
import { isMetric, rowOf, type Family, type Unit } from '../records/metrics.ts';
import type { TailRecord } from './tail-record.ts';

const TIME = 8;
const METRIC = 17;
const NUMBER = 11;
const UNIT = 5;
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

const STATUS = ['GONE', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'BACK'];

export interface TailTableOptions {
  readonly isColourful: boolean;
}

/** Records as rows for a person, each as wide as the terminal is at that moment. */
export interface TailTable {
  /** The row of a record; before it the head of the table, once, and the day where it changes. */
  rows(record: TailRecord): string;
}

/** @param columns the terminal's width now */
export function createTailTable(columns: () => number, { isColourful }: TailTableOptions): TailTable {
  let day = '';
  let isFirst = true;
  const paint = (text: string, format: Format): string =>
    isColourful ? styleText(format, text, { validateStream: false }) : text;

  function head(): string {
    const { subject, topic, owner } = widths(columns());
    const words = ['UTC'.padEnd(TIME), 'CLUSTER/GROUP'.padEnd(subject), 'TOPIC/PARTITION'.padEnd(topic)];
    words.push('METRIC'.padEnd(METRIC), `${'VALUE'.padStart(NUMBER)}${' '.repeat(owner > 0 ? UNIT : 0)}`);
    if (owner > 0) words.push('OWNER');
    return `${paint(words.join(' '), 'bold')}\n`;
  }

  function row(record: TailRecord, time: string): string {
    const { subject, topic, owner } = widths(columns());
    const colour = COLOURS[record.family];
    const value = paint(shownValue(record.value).padStart(NUMBER), record.value === 0 ? 'green' : 'bold');
    const text = [
      paint(time, 'dim'),
      fitSubject(record, subject),
      fit(topicOf(record), topic),
      paint(fit(record.metric, METRIC), colour),
      `${value}${paint(unitOf(record).padEnd(owner > 0 ? UNIT : 0), unitColour(record))}`,
    ];
    if (owner > 0) text.push(paint(fit(record.tags.get('owner') ?? '', owner), 'dim'));
    return `${text.join(' ').trimEnd()}\n`;
  }

  return {
    rows(record) {
      const [newDay = '', time = ''] = stampOf(record.timestampSeconds);
      let text = '';
      if (isFirst) text += head();
      if (newDay !== day) text += `${paint(`── ${newDay} ──`, 'dim')}\n`;
      isFirst = false;
      day = newDay;
      return text + row(record, time);
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
  const subject = Math.ceil(room * 0.56);
  return { subject, topic: room - subject, owner };
}

/** Where there is no room for both, the cluster's name is cut first. */
function fitSubject({ cluster, group }: TailRecord, width: number): string {
  if (group === null || cluster.length + 1 + group.length <= width) {
    return fit(group === null ? cluster : `${cluster}/${group}`, width);
  }
  const ofCluster = Math.min(cluster.length, Math.max(LEAST_OF_CLUSTER, width - 1 - group.length));
  return `${fit(cluster, ofCluster)}/${fit(group, width - 1 - ofCluster)}`;
}

function topicOf({ topic, partition }: TailRecord): string {
  if (topic === null) return partition === null ? '' : String(partition);
  return partition === null ? topic : `${topic}/${partition}`;
}

function shownValue(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

const SHORT_UNITS: Readonly<Partial<Record<Unit, string>>> = { seconds: ' s', recordsPerMinute: '/min' };

function unitOf(record: TailRecord): string {
  const unit = unitOfMetric(record);
  if (unit === 'burrowStatus') return ` ${STATUS[record.value] ?? ''}`;
  return unit === null ? '' : (SHORT_UNITS[unit] ?? '');
}

function unitColour(record: TailRecord): Format {
  if (unitOfMetric(record) !== 'burrowStatus') return 'dim';
  return record.value === 1 ? 'green' : record.value === 2 ? 'yellow' : 'red';
}

function unitOfMetric({ metric }: TailRecord): Unit | null {
  return isMetric(metric) ? rowOf(metric).unit : null;
}

/** Exactly this wide: padded, or with the middle left out, since names differ at both ends. */
function fit(text: string, width: number): string {
  const clean = cleanText(text);
  if (clean.length <= width) return clean.padEnd(width);
  const end = Math.floor((width - 1) / 2);
  return `${clean.slice(0, width - 1 - end)}…${clean.slice(clean.length - end)}`;
}

function stampOf(seconds: number): readonly string[] {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return ['?', '?'.padEnd(TIME)];
  return [date.toISOString().slice(0, 10), date.toISOString().slice(11, 19)];
}
