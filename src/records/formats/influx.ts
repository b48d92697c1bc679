import { cleanNamePart, cleanText, shorten } from '../clean-text.ts';
import {
  ALL_METRICS,
  exceptionKindOf,
  exceptionMetric,
  isSubjectKind,
  rowOf,
  SUBJECT_KINDS,
  type Metric,
  type SubjectKind,
} from '../metrics.ts';
import { createNaming } from '../naming/naming.ts';
import type { Subject } from '../record.ts';
import type { Format, ReadRecord, ShowTag } from './format.ts';

/**
 * InfluxDB takes 65,535 bytes of measurement and tags. With six such tags of three bytes a character, or of one that is
 * escaped, a line stays far below; and VictoriaMetrics drops points with a tag of more than 4,096 bytes.
 */
const MOST_TAG_CHARACTERS = 1000;

/**
 * A text such that InfluxDB, VictoriaMetrics and Telegraf read it back as it stands here. They differ in what a
 * backslash means that stands before a character with a meaning, before another one or at the end: there it becomes `_`.
 * A blank text would cost the line and is no value.
 */
const showTag: ShowTag = (_key, text) => {
  const clean = shorten(cleanText(text), MOST_TAG_CHARACTERS, text);
  return clean.trim() === '' ? '' : clean.replace(/\\(?=[\\,=" ]|$)/gu, '_');
};

const COMMA = 0x2c;
const SPACE = 0x20;
const INTEGER = 0x69;

/** What a subject's own tags are called. */
const OWN_TAGS = {
  cluster: 'cluster',
  group: 'group',
  topic: 'topic',
  partition: 'partition',
  owner: 'owner',
  clientId: 'client_id',
} as const satisfies Readonly<Partial<Record<keyof Subject, string>>>;
const SOURCE = 'source';

/**
 * InfluxDB's line protocol, timestamps in nanoseconds. It names series in its own way: a measurement for each kind of
 * subject and a field for each metric, of which all values are integers or all are not.
 * Source: https://docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference/
 */
export const influxFormat: Format = {
  description: 'one line a subject and time, `measurement,key=value… field=value… timestamp`',
  namings: ['rainbow'],
  reservedTags: [...Object.values(OWN_TAGS), SOURCE, 'time'],
  unitsPerMessage: 50,
  mostTags: Infinity,
  showTag,
  shortens: (_key, text) => text.length > MOST_TAG_CHARACTERS,
  create: (_naming, prefix) => ({
    unit: 'subjectAndTime',
    hasOwnText: () => false,
    subjectText({ subject, source, globalTags }) {
      const tags = new Map([...globalTags, [SOURCE, source]]);
      for (const [fact, key] of Object.entries(OWN_TAGS)) {
        const value = subject[fact as keyof typeof OWN_TAGS];
        if (value !== undefined) tags.set(key, String(value));
      }
      // InfluxDB is faster with sorted tags.
      const sorted = [...tags].sort(([one], [other]) => (one < other ? -1 : 1));
      let before = escape(`${prefix}_${SUBJECT_KINDS[subject.kind].measurement}`);
      for (const [key, text] of sorted) {
        const shown = showTag(key, text);
        if (shown !== '') before += `,${escape(key)}=${escape(shown)}`;
      }
      return { before: `${before} `, after: '000000000\n' };
    },
    metricText: (metric) => `${escape(fieldOf(metric))}=`,
    begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
    value(out, { view, byteLength, isWhole }, value, _timestampSeconds, place) {
      if (place > 0) out.byte(COMMA);
      out.text(view, 0, byteLength);
      if (isWhole) {
        out.integer(value);
        out.byte(INTEGER);
      } else {
        out.number(value);
      }
    },
    end(out, { page, middle, to }, timestampSeconds) {
      out.byte(SPACE);
      out.number(timestampSeconds);
      out.text(page.view, middle, to);
    },
  }),
  read(unit) {
    const [, head = '', fields = '', timestamp = ''] = LINE.exec(unit) ?? [];
    const [measurement = '', ...tags] = head.match(/(?:[^\\,]|\\.)+/gsu) ?? [];
    const texts = new Map(tags.map(readTag));
    return fields.split(',').flatMap((field) => readField(field, measurement, texts, Number(timestamp)));
  },
  seriesOfZeroes(unit) {
    const [, series] = ZEROES.exec(unit) ?? [];
    return series ?? null;
  },
};

const LINE = /^((?:[^ \\]|\\.)+) ([^ ]+) (\d{1,10})\d{9}$/su;
const FIELD = /^([^=]+)=(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)i?$/;
const ZEROES = /^((?:[^ \\]|\\.)+ [^= ]+=0i?(?:,[^= ]+=0i?)*) \d+\n?$/su;

function fieldOf(metric: Metric): string {
  return rowOf(metric).field.replace('{kind}', exceptionKindOf(metric));
}

function escape(text: string): string {
  return text.replace(/[,= ]/g, '\\$&');
}

function readTag(tag: string): readonly [key: string, text: string] {
  const [, key = '', text = ''] = /^((?:[^\\=]|\\.)*)=(.*)$/su.exec(tag) ?? [];
  return [unescape(key), unescape(text)];
}

function unescape(text: string): string {
  return text.replace(/\\([,= ])/g, '$1');
}

/** The record of a field, with the name and the tags that it has in other formats; none where it is not ours. */
function readField(
  field: string,
  measurement: string,
  texts: ReadonlyMap<string, string>,
  timestampSeconds: number,
): readonly ReadRecord[] {
  const [, name = '', value = ''] = FIELD.exec(field) ?? [];
  const found = findMetric(unescape(name), measurement, texts);
  if (found === null) return [];
  const { kind, metric, prefix } = found;
  const text = (fact: 'group' | 'topic' | 'owner' | 'clientId') => {
    const known = texts.get(OWN_TAGS[fact]);
    return known === undefined ? {} : { [fact]: known };
  };
  const partition = texts.get(OWN_TAGS.partition);
  const subject: Subject = {
    kind,
    cluster: texts.get(OWN_TAGS.cluster) ?? '',
    ...text('group'),
    ...text('topic'),
    ...(partition !== undefined && { partition: Number(partition) }),
    ...text('owner'),
    ...text('clientId'),
  };
  const naming = createNaming('rainbow', prefix);
  const path = [...naming.stemOf(subject, metric), naming.wordOf(metric)].filter((part) => part !== '');
  const own: readonly string[] = [...Object.values(OWN_TAGS), SOURCE];
  const globalTags = [...texts].filter(([key]) => !own.includes(key));
  return [
    {
      name: path.map(cleanNamePart).join('.'),
      value: Number(value),
      timestampSeconds,
      source: texts.get(SOURCE) ?? '',
      tags: new Map([...globalTags, ...naming.tagsOf(subject, metric)]),
    },
  ];
}

function findMetric(
  field: string,
  measurement: string,
  texts: ReadonlyMap<string, string>,
): { readonly kind: SubjectKind; readonly metric: Metric; readonly prefix: string } | null {
  const about = texts.has(OWN_TAGS.group) ? 'group' : texts.has(OWN_TAGS.topic) ? 'topic' : 'traffic';
  const exception = /^exception_(\w+)$/.exec(field)?.[1];
  for (const kind of Object.keys(SUBJECT_KINDS).filter(isSubjectKind)) {
    const end = `_${SUBJECT_KINDS[kind].measurement}`;
    if (SUBJECT_KINDS[kind].about !== about || !measurement.endsWith(end)) continue;
    const prefix = measurement.slice(0, -end.length);
    const metric = ALL_METRICS.find((each) => rowOf(each).of.includes(kind) && rowOf(each).field === field);
    if (metric !== undefined) return { kind, metric, prefix };
    if (exception !== undefined && kind === 'cluster')
      return { kind, metric: exceptionMetric(exception), prefix };
  }
  return null;
}
