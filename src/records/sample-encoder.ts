import { ByteWriter } from './byte-writer.ts';
import type { EncodedSample } from './encoded-sample.ts';
import { MOST_OWN_BYTES, type MetricText, type UnitFormat } from './formats/format.ts';
import { FORMATS, type FormatName } from './formats/formats.ts';
import { rowOf, UNITS, type Metric } from './metrics.ts';
import { NAMINGS, type NamingName } from './naming/naming.ts';
import type { Record, SampleRecords, Subject } from './record.ts';
import { SlabPool } from './slab-pool.ts';
import { fixText, TextPages, type PreparedText, type TextPage } from './text-pages.ts';

/** A text that was not used for this long, by the stamps of samples, may be dropped; it is made again when it is needed. */
const SWEEP_MS = 10 * 60_000;

/** Turns samples into bytes. One encoder serves one process. */
export interface SampleEncoder {
  encode(sample: SampleRecords): EncodedSample;
  /** Tags the records of all samples from now on with these. */
  retag(tags: GlobalTags['tags']): void;
  /**
   * The sample has been delivered and nobody will look at its bytes again: they may be overwritten. A second time for
   * the same sample changes nothing; what was made out of one is another sample and must not be named.
   */
  recycle(sample: EncodedSample): void;
}

/** What every record of this process is tagged with. */
export interface GlobalTags {
  readonly source: string;
  readonly tags: Readonly<{ [key: string]: string }>;
}

/** Which names and which wire format. */
export interface EncoderOptions extends GlobalTags {
  readonly prefix: string;
  readonly naming: NamingName;
  readonly format: FormatName;
}

/** Called for each tag of a subject whose text its format had to shorten, at the first record and the first with other tags. */
export type OnShortened = (cluster: string, tag: string, text: string) => void;

/** The encoder that a configuration asks for. */
export function createEncoder(options: EncoderOptions, onShortened?: OnShortened): SampleEncoder {
  const { format, naming, prefix } = options;
  const { create, shortens } = FORMATS[format];
  const { tagsOf } = NAMINGS[naming];
  return createSampleEncoder(create(naming, prefix), options, (subject, metric) => {
    if (onShortened === undefined) return;
    for (const [tag, text] of tagsOf(subject, metric)) {
      if (shortens(tag, text)) onShortened(subject.cluster, tag, text);
    }
  });
}

type Units = Pick<EncodedSample, 'unitEnds' | 'unitRecords' | 'bounds'>;

/** Names the texts of subjects for all metrics that share them, or for one that has its own. */
interface Texts {
  /** Another one where the tags have changed, so that no text of before is used again. */
  readonly era: object;
}

interface KnownMetric extends MetricText {
  readonly texts: Texts;
}

/** What was prepared of a subject. In its slot is the first one; a subject has two where a metric has its own. */
class SubjectText implements PreparedText {
  readonly texts: Texts;
  /** A copy of a subject must not take its text for its own. */
  readonly subject: Subject;
  readonly page: TextPage;
  readonly from: number;
  readonly middle: number;
  readonly to: number;
  sweep: number;
  next: SubjectText | null = null;

  constructor(texts: Texts, subject: Subject, { page, from, middle, to, sweep }: PreparedText) {
    this.texts = texts;
    this.subject = subject;
    this.page = page;
    this.from = from;
    this.middle = middle;
    this.to = to;
    this.sweep = sweep;
  }
}

function firstText(subject: Subject): SubjectText | null {
  const { encoderSlot } = subject;
  return encoderSlot instanceof SubjectText && encoderSlot.subject === subject ? encoderSlot : null;
}

/**
 * Same sample in, same bytes out.
 *
 * A unit is put together out of bytes that are made once for each subject and each metric: for a record nothing is
 * quoted, escaped or turned from a string into bytes.
 *
 * @param onPrepared called when the first text of a subject is made, and the first one with other tags
 */
export function createSampleEncoder(
  format: UnitFormat,
  global: GlobalTags,
  onPrepared: (subject: Subject, metric: Metric) => void = () => undefined,
): SampleEncoder {
  let globalTags = Object.entries(global.tags);
  const metrics = new Map<Metric, KnownMetric>();
  let sharedTexts: Texts = { era: {} };
  const slabs = new SlabPool();
  const pages = new TextPages();
  const out = new ByteWriter();
  let sweptAtMs = -Infinity;
  function learn(metric: Metric): KnownMetric {
    const known = {
      ...fixText(format.metricText(metric)),
      isWhole: UNITS[rowOf(metric).unit].isWhole,
      texts: format.hasOwnText(metric) ? { ...sharedTexts } : sharedTexts,
    };
    metrics.set(metric, known);
    return known;
  }

  function textOf(subject: Subject, metric: Metric, texts: Texts): SubjectText {
    let text = firstText(subject);
    while (text !== null && text.texts !== texts) text = text.next;
    return text !== null && pages.use(text) ? text : prepare(subject, metric, texts);
  }

  function prepare(subject: Subject, metric: Metric, texts: Texts): SubjectText {
    const { before, after } = format.subjectText({ subject, metric, source: global.source, globalTags });
    const made = new SubjectText(texts, subject, pages.keep(before, after));
    const first = firstText(subject);
    const list: SubjectText[] = [];
    for (let each = first; each !== null; each = each.next) {
      if (each.texts !== texts && each.texts.era === texts.era) list.push(each);
    }
    list.push(made);
    for (const [place, each] of list.entries()) each.next = list[place + 1] ?? null;
    subject.encoderSlot = list[0] ?? null;
    if (first?.texts.era !== texts.era) onPrepared(subject, metric);
    return made;
  }

  function writeRecord({ subject, metric, value, timestampSeconds }: Record): void {
    const known = metrics.get(metric) ?? learn(metric);
    const text = textOf(subject, metric, known.texts);
    out.reserve(text.to - text.from + known.byteLength + MOST_OWN_BYTES);
    format.begin(out, text, timestampSeconds);
    format.value(out, known, value, timestampSeconds, 0);
    format.end(out, text, timestampSeconds);
  }

  function writeRecords(records: readonly Record[], isBound: (index: number) => boolean): Units {
    const unitEnds = new Uint32Array(records.length);
    const bounds: number[] = [];
    for (let index = 0; index < records.length; index++) {
      const record = records[index];
      if (record === undefined) continue;
      writeRecord(record);
      unitEnds[index] = out.length;
      if (record.kind !== 'value' || isBound(index)) bounds.push(index);
    }
    return { unitEnds, bounds };
  }

  /** Writes those of the records from..to that have this time, which are of one subject. Returns how many they are. */
  function writeTogether(
    records: readonly Record[],
    from: number,
    to: number,
    timestampSeconds: number,
  ): number {
    let text: PreparedText | null = null;
    let count = 0;
    for (let index = from; index < to; index++) {
      const record = records[index];
      if (record?.timestampSeconds !== timestampSeconds) continue;
      const known = metrics.get(record.metric) ?? learn(record.metric);
      if (text === null) {
        text = textOf(record.subject, record.metric, known.texts);
        out.reserve(text.to - text.from + MOST_OWN_BYTES);
        format.begin(out, text, timestampSeconds);
      }
      // The end of the unit has its room, too.
      out.reserve(text.to - text.middle + known.byteLength + MOST_OWN_BYTES);
      format.value(out, known, record.value, timestampSeconds, count);
      count += 1;
    }
    if (text !== null) format.end(out, text, timestampSeconds);
    return count;
  }

  /** Units of all records of one subject and time, in order of time within a subject. */
  function writeSubjects(records: readonly Record[], isBound: (index: number) => boolean): Units {
    const unitEnds: number[] = [];
    const unitRecords: number[] = [];
    const bounds: number[] = [];
    for (let from = 0, to = 0; from < records.length; from = to) {
      const subject = records[from]?.subject;
      const times = new Set<number>();
      const boundTimes = new Set<number>();
      for (; records[to]?.subject === subject; to++) {
        const { timestampSeconds = 0, kind } = records[to] ?? {};
        times.add(timestampSeconds);
        if (kind !== 'value' || isBound(to)) boundTimes.add(timestampSeconds);
      }
      for (const time of [...times].sort((one, other) => one - other)) {
        if (boundTimes.has(time)) bounds.push(unitEnds.length);
        unitRecords.push(writeTogether(records, from, to, time));
        unitEnds.push(out.length);
      }
    }
    return { unitEnds: Uint32Array.from(unitEnds), unitRecords: Uint32Array.from(unitRecords), bounds };
  }

  const writeUnits = format.unit === 'record' ? writeRecords : writeSubjects;

  const encoder: SampleEncoder = {
    encode({ key, cluster, takenAtMs, records, spans }) {
      if (takenAtMs - sweptAtMs >= SWEEP_MS) {
        sweptAtMs = takenAtMs;
        pages.sweep();
      }
      const reopening = spans === undefined || spans.reopening.length === 0 ? null : new Set(spans.reopening);
      const filling = slabs.current();
      out.begin(filling);
      const units = writeUnits(records, (index) => reopening?.has(index) === true);
      const { length } = out;
      const head = { key, cluster, takenAtMs, recordCount: records.length, ...units };
      if (!out.isElsewhere) return { ...head, bytes: slabs.cut(filling, length), slab: filling };
      const slab = slabs.withRoom(length);
      if (slab === null) {
        const bytes = Buffer.allocUnsafeSlow(length);
        out.copyTo(bytes, 0);
        return { ...head, bytes };
      }
      out.copyTo(slab.buffer, slab.used);
      return { ...head, bytes: slabs.cut(slab, length), slab };
    },

    retag(tags) {
      globalTags = Object.entries(tags);
      metrics.clear();
      sharedTexts = { era: {} };
    },

    recycle(sample) {
      const { slab } = sample;
      if (slab === undefined) return;
      // Else a piece of another sample would be taken for free.
      sample.slab = undefined;
      slabs.release(slab);
    },
  };
  return encoder;
}
