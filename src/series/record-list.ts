import type { Metric } from '../records/metrics.ts';
import type { OpenSpan, Record, SampleRecords, Span, Subject } from '../records/record.ts';
import type { AddOpenSpan } from './remembered.ts';
import { REOPENS, VALUE, ZERO_END, ZERO_START, type Twins } from './twins.ts';

/** A list with more records is left to the garbage collector: samples so large are few. */
const MOST_KEPT_RECORDS = 50_000;
const MOST_KEPT_LISTS = 4;

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** The records of one sample while they are being gathered. */
export class RecordList {
  /** What the list was made of so far, for samples to come. */
  readonly #kept: Writable<Record>[] = [];
  readonly #records: Record[] = [];
  #count = 0;
  /** Spans that the sample opened and closed. */
  #opened: Span[] = [];
  #closed: Span[] = [];
  /** Places of values that open a span without a zero-start of their own. */
  #reopening: number[] = [];
  readonly #spare: RecordList[] | null;

  /** Stamp of the latest record, epoch seconds; 0 while there is none. */
  latestSeconds = 0;

  /** @param spare where it goes when its sample is released */
  constructor(spare: RecordList[] | null = null) {
    this.#spare = spare;
  }

  /**
   * Writes what a twin's step asked for: zero-start, value, zero-end.
   *
   * @param value null where the metric is unknown although the value it rides with is not: then only bounds
   */
  add(
    asked: number,
    twins: Twins,
    subject: Subject,
    metric: Metric,
    value: number | null,
    nowSeconds: number,
  ): void {
    if (asked & ZERO_START) {
      this.#push(subject, metric, 'start', 0, twins.zeroStartSeconds);
      this.#opened.push({ subject, metric });
    }
    if (asked & REOPENS) {
      this.#opened.push({ subject, metric });
      if (value !== null) this.#reopening.push(this.#count);
    }
    if (asked & VALUE && value !== null) this.#push(subject, metric, 'value', value, nowSeconds);
    if (asked & ZERO_END) {
      this.#push(subject, metric, 'end', 0, twins.zeroEndSeconds);
      this.#closed.push({ subject, metric });
    }
  }

  /**
   * The finished sample; null when there is nothing to send.
   *
   * @param about what its spans belong to
   * @param listOpen adds every span that is open after the sample
   * @param tellsSpans whether it tells what is open though it has opened and closed nothing
   */
  toSample(
    { key, cluster, takenAtMs }: Pick<SampleRecords, 'key' | 'cluster' | 'takenAtMs'>,
    about: NonNullable<SampleRecords['spans']>['about'],
    listOpen: (add: AddOpenSpan) => void,
    tellsSpans = false,
  ): SampleRecords | null {
    if (this.#count === 0) {
      this.#release();
      return null;
    }
    const records = this.#exactly(this.#count);
    const release = this.#release;
    const [opened, closed, reopening] = [this.#opened, this.#closed, this.#reopening];
    if (opened.length === 0 && closed.length === 0 && !tellsSpans)
      return { key, cluster, takenAtMs, records, release };
    // These go with the sample.
    this.#opened = [];
    this.#closed = [];
    this.#reopening = [];
    const open = (): readonly OpenSpan[] => {
      const spans: OpenSpan[] = [];
      listOpen((subject, metric, isDoubtful) => spans.push({ subject, metric, isDoubtful }));
      return spans;
    };
    return { key, cluster, takenAtMs, records, release, spans: { about, open, opened, closed, reopening } };
  }

  /** Gives the memory to another sample. */
  readonly #release = (): void => {
    if (this.#spare === null || this.#kept.length > MOST_KEPT_RECORDS) return;
    if (this.#spare.length < MOST_KEPT_LISTS) this.#spare.push(this);
  };

  /** For another sample, after its own was released. */
  begin(): this {
    this.#count = 0;
    this.latestSeconds = 0;
    return this;
  }

  #exactly(count: number): readonly Record[] {
    const records = this.#records;
    if (records.length > count) records.length = count;
    for (let index = records.length; index < count; index++) {
      const record = this.#kept[index];
      if (record !== undefined) records.push(record);
    }
    return records;
  }

  #push(
    subject: Subject,
    metric: Metric,
    kind: Record['kind'],
    value: number,
    timestampSeconds: number,
  ): void {
    const record = this.#kept[this.#count++];
    if (record === undefined) {
      this.#kept.push({ subject, metric, kind, value, timestampSeconds });
    } else {
      record.subject = subject;
      record.metric = metric;
      record.kind = kind;
      record.value = value;
      record.timestampSeconds = timestampSeconds;
    }
    if (timestampSeconds > this.latestSeconds) this.latestSeconds = timestampSeconds;
  }
}

/**
 * Lists of records that are used again: with four records for each partition that lags, objects made anew would be
 * most of what the garbage collector finds.
 */
export class RecordLists {
  readonly #spare: RecordList[] = [];

  take(): RecordList {
    return (this.#spare.pop() ?? new RecordList(this.#spare)).begin();
  }
}
