import { cleanNamePart } from './clean-text.ts';
import type { EncodedSample } from './encoded-sample.ts';
import { familyOf, type LineFormat, type SeriesText } from './line-format.ts';
import type { Naming } from './naming.ts';
import type { Metric, SampleRecords, Subject, SubjectText } from './record.ts';
import { SlabPool } from './slab-pool.ts';

/** Turns samples into wire lines. One encoder serves one process. */
export interface SampleEncoder {
  encode(sample: SampleRecords): EncodedSample;
  /**
   * The sample has been delivered and nobody will look at its bytes again: they may be overwritten. At most once
   * for each sample that `encode` returned; what was made out of one is another sample and must not be named.
   */
  recycle(sample: EncodedSample): void;
}

/** What every record of this process is tagged with. */
export interface GlobalTags {
  readonly source: string;
  readonly tags: Readonly<{ [key: string]: string }>;
}

/** What is the same in every line of one metric. */
interface MetricText {
  /** The last part of the name, and what the format writes between name and value. */
  readonly word: string;
  /** Rates have names, and in some namings tags, that are not built like those of the subject's other metrics. */
  readonly isRate: boolean;
}

/** The metric itself, or for a rate one of the same subject whose name is built like those of all the others. */
function plainMetric(metric: Metric): Metric {
  if (metric === 'hosts') return 'Lag';
  return metric === 'offsetRate' ? 'offset' : metric;
}

/** Printable ASCII: one byte a character. */
const ASCII = /^[ -~]*$/u;

/**
 * Same sample in, same bytes out.
 *
 * A sample's text is put together as one string and turned into bytes in one go, out of pieces that are made once
 * for each subject and kept there: nothing is quoted or escaped for a record.
 */
export function createSampleEncoder(naming: Naming, format: LineFormat, global: GlobalTags): SampleEncoder {
  const globalTags = Object.entries(global.tags);
  const metrics = new Map<Metric, MetricText>();
  const slabs = new SlabPool();

  function describe(subject: Subject, metric: Metric): { stem: string; word: string; series: SeriesText } {
    const parts = naming.nameParts(subject, metric).map(cleanNamePart);
    const series = {
      family: familyOf(metric),
      tags: [...globalTags, ...naming.tags(subject, metric)],
      source: global.source,
    };
    const word = parts.pop() ?? '';
    return { stem: `${format.beforeName}${parts.join('.')}.`, word: word + format.afterName(series), series };
  }

  function metricText(subject: Subject, metric: Metric): MetricText {
    const known = metrics.get(metric);
    if (known !== undefined) return known;
    const text = {
      word: describe(subject, metric).word,
      isRate: plainMetric(metric) !== metric,
    };
    metrics.set(metric, text);
    return text;
  }

  function subjectText(subject: Subject, metric: Metric): SubjectText {
    const known = subject.text;
    if (known?.encoder === encoder && known.subject === subject) return known;
    const { stem, series } = describe(subject, plainMetric(metric));
    const tail = `${format.tail(series)}\n`;
    const isAscii = ASCII.test(stem) && ASCII.test(tail.slice(0, -1));
    const text: SubjectText = { encoder, subject, stem, tail, rate: null, isAscii };
    subject.text = text;
    return text;
  }

  /** A rate's whole head, and its tail; kept apart, since most partitions have none. */
  function rateText(subject: Subject, metric: Metric): NonNullable<SubjectText['rate']> {
    const { stem, word, series } = describe(subject, metric);
    return { head: stem + word, tail: `${format.tail(series)}\n` };
  }

  const encoder: SampleEncoder = {
    encode({ key, cluster, takenAtMs, records }) {
      const lineEnds = new Uint32Array(records.length);
      const bounds: number[] = [];
      let text = '';
      let isAscii = true;
      let byteLength = 0;
      for (let index = 0; index < records.length; index++) {
        const record = records[index];
        if (record === undefined) continue;
        const { subject, metric } = record;
        const { word, isRate } = metricText(subject, metric);
        const parts = subjectText(subject, metric);
        const before = text.length;
        if (isRate) {
          const { head, tail } = (parts.rate ??= rateText(subject, metric));
          text += head + String(record.value) + format.between + String(record.timestampSeconds) + tail;
        } else {
          text +=
            parts.stem +
            word +
            String(record.value) +
            format.between +
            String(record.timestampSeconds) +
            parts.tail;
        }
        if (parts.isAscii) {
          byteLength += text.length - before;
        } else {
          isAscii = false;
          byteLength += Buffer.byteLength(text.slice(before), 'utf8');
        }
        lineEnds[index] = byteLength;
        if (record.kind !== 'value') bounds.push(index);
      }
      const encoding = isAscii ? 'latin1' : 'utf8';
      const slab = slabs.reserve(byteLength);
      if (slab === null) {
        return { key, cluster, takenAtMs, bytes: Buffer.from(text, encoding), lineEnds, bounds };
      }
      const start = slab.used;
      slab.used += slab.buffer.write(text, start, encoding);
      return {
        key,
        cluster,
        takenAtMs,
        bytes: slab.buffer.subarray(start, slab.used),
        lineEnds,
        bounds,
        slab,
      };
    },

    recycle({ slab }) {
      if (slab) slabs.release(slab);
    },
  };
  return encoder;
}
