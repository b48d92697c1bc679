import type { EncodedSample } from './encoded-sample.ts';
import type { LineFormat } from './line-format.ts';
import { LineWriter, NUMBER_BYTES } from './line-writer.ts';
import type { Naming } from './naming/naming.ts';
import { ALL_METRICS, rowOf, type Metric } from './metrics.ts';
import type { Record, SampleRecords, Subject, SubjectText } from './record.ts';
import { SlabPool } from './slab-pool.ts';
import { fixText, TextPages, type FixedText, type LineText } from './text-pages.ts';

/** What was not written for so long, by the stamps of samples, may have to be put together again. */
const SWEEP_MS = 10 * 60_000;

/** Turns samples into wire lines. One encoder serves one process. */
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

/** Called for each tag of a subject whose text its format had to cut, at its first record. */
export type OnShortened = (cluster: string, tag: string, text: string) => void;

/** What is the same in every line of one metric. */
interface MetricText {
  /** The last part of the name, and what the format writes between name and value. */
  readonly word: FixedText;
  /** Rates have names, and in some namings tags, that are not built like those of the subject's other metrics. */
  readonly isRate: boolean;
}

/**
 * Same sample in, same bytes out.
 *
 * A line is put together out of bytes that are made once for each subject and kept there: for a record nothing is
 * quoted, escaped or turned from a string into bytes.
 */
export function createSampleEncoder(
  deps: { readonly naming: Naming; readonly format: LineFormat; readonly onShortened?: OnShortened },
  global: GlobalTags,
): SampleEncoder {
  const { naming, format } = deps;
  let globalTags = Object.entries(global.tags);
  /** Another one for other tags, so that no text of before is used again. */
  let era: object = {};
  const metrics = new Map<Metric, MetricText>();
  const slabs = new SlabPool();
  const pages = new TextPages();
  const lines = new LineWriter();
  const between = fixText(format.between);
  let sweptAtMs = -Infinity;

  function describe(subject: Subject, metric: Metric): { stem: string; word: string; tail: string } {
    const stem = naming.stemOf(subject, metric).map((part) => format.namePart(part));
    const word = naming.wordOf(metric);
    const series = {
      family: rowOf(metric).family,
      tags: [...globalTags, ...naming.tagsOf(subject, metric)],
      source: global.source,
    };
    return {
      stem: `${format.beforeName}${stem.join('.')}${word === '' ? '' : '.'}`,
      word: format.namePart(word) + format.afterName(series),
      tail: `${format.tail(series)}\n`,
    };
  }

  /** The metric itself, or for a rate one of the same subject whose name ends with a word. */
  function plainMetric({ kind }: Subject, metric: Metric): Metric {
    if (naming.wordOf(metric) !== '') return metric;
    return ALL_METRICS.find((each) => rowOf(each).of.includes(kind) && naming.wordOf(each) !== '') ?? metric;
  }

  function metricText(subject: Subject, metric: Metric): MetricText {
    const known = metrics.get(metric);
    if (known !== undefined) return known;
    const text = {
      word: fixText(describe(subject, metric).word),
      isRate: naming.wordOf(metric) === '',
    };
    metrics.set(metric, text);
    return text;
  }

  function subjectText(subject: Subject, metric: Metric): SubjectText {
    const known = subject.text;
    if (known?.encoder === era && known.subject === subject && pages.use(known)) return known;
    const { stem, tail } = describe(subject, plainMetric(subject, metric));
    for (const [tag, value] of naming.tagsOf(subject, metric)) {
      if (format.mustCut(tag, value)) deps.onShortened?.(subject.cluster, tag, value);
    }
    const { page, from, middle, to, sweep } = pages.keep(stem, tail);
    const text: SubjectText = { encoder: era, subject, page, from, middle, to, sweep, rate: null };
    subject.text = text;
    return text;
  }

  /** A rate's whole head, and its tail; kept apart, since most partitions have none. */
  function rateText(subject: Subject, metric: Metric): LineText {
    const text = subjectText(subject, metric);
    if (text.rate !== null && pages.use(text.rate)) return text.rate;
    const { stem, word, tail } = describe(subject, metric);
    text.rate = pages.keep(stem + word, tail);
    return text.rate;
  }

  function writeLine({ subject, metric, value, timestampSeconds }: Record): void {
    const { word, isRate } = metricText(subject, metric);
    const { page, from, middle, to } = isRate ? rateText(subject, metric) : subjectText(subject, metric);
    lines.reserve(to - from + word.byteLength + between.byteLength + 2 * NUMBER_BYTES);
    lines.text(page.view, from, middle);
    if (!isRate) lines.text(word.view, 0, word.byteLength);
    lines.number(value);
    lines.text(between.view, 0, between.byteLength);
    lines.number(timestampSeconds);
    lines.text(page.view, middle, to);
  }

  const encoder: SampleEncoder = {
    encode({ key, cluster, takenAtMs, records }) {
      if (takenAtMs - sweptAtMs >= SWEEP_MS) {
        sweptAtMs = takenAtMs;
        pages.sweep();
      }
      const unitEnds = new Uint32Array(records.length);
      const bounds: number[] = [];
      const filling = slabs.current();
      lines.begin(filling);
      for (let index = 0; index < records.length; index++) {
        const record = records[index];
        if (record === undefined) continue;
        writeLine(record);
        unitEnds[index] = lines.length;
        if (record.kind !== 'value') bounds.push(index);
      }
      const { length } = lines;
      if (!lines.isElsewhere) {
        return {
          key,
          cluster,
          takenAtMs,
          bytes: slabs.cut(filling, length),
          unitEnds,
          recordCount: records.length,
          bounds,
          slab: filling,
        };
      }
      const slab = slabs.withRoom(length);
      if (slab === null) {
        const bytes = Buffer.allocUnsafeSlow(length);
        lines.copyTo(bytes, 0);
        return { key, cluster, takenAtMs, bytes, unitEnds, recordCount: records.length, bounds };
      }
      lines.copyTo(slab.buffer, slab.used);
      const bytes = slabs.cut(slab, length);
      return { key, cluster, takenAtMs, bytes, unitEnds, recordCount: records.length, bounds, slab };
    },

    retag(tags) {
      globalTags = Object.entries(tags);
      era = {};
      metrics.clear();
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
