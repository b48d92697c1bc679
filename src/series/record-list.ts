import type { Metric, SampleOwner } from '../records/metrics.ts';
import type { OpenSpan, Record, SampleRecords, Span, Subject } from '../records/record.ts';
import type { AddOpenSpan } from './recovered-spans.ts';
import type { SampleTimes } from './sample-times.ts';
import { REOPENS, VALUE, ZERO_END, ZERO_START, type Twins } from './twins.ts';

/** A list with more records is not used again: samples of that size are few. */
const MOST_KEPT_RECORDS = 50_000;
const MOST_KEPT_LISTS = 4;

type Writable<T> = { -readonly [key in keyof T]: T[key] };

/** Whose samples they are. */
export interface SampleSource extends Pick<SampleRecords, 'key' | 'cluster'> {
  readonly about: SampleOwner;
  /** Adds every span that is open. */
  listOpen(add: AddOpenSpan): void;
}

/** Finishes the samples of one source. */
export class SampleFinisher {
  readonly #source: SampleSource;
  #tellsSpans = false;

  constructor(source: SampleSource) {
    this.#source = source;
  }

  /** The next sample tells what is open, even if it opens and closes nothing. */
  tellSpans(): void {
    this.#tellsSpans = true;
  }

  /** Null when there is nothing to send. */
  finish(list: RecordList, takenAtMs: number): SampleRecords | null {
    const sample = list.toSample(this.#source, takenAtMs, this.#tellsSpans);
    if (sample !== null) this.#tellsSpans = false;
    return sample;
  }
}

/** The records of one sample while they are being gathered. */
export class RecordList {
  /** Records of former samples, to be used again. */
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

  /** @param spare where the list goes when its sample is released */
  constructor(spare: RecordList[] | null = null) {
    this.#spare = spare;
  }

  /** Feeds a value to a twin and writes what that asks for. */
  feed(
    twins: Twins,
    index: number,
    subject: Subject,
    metric: Metric,
    value: number,
    { nowSeconds, beforeSeconds }: Pick<SampleTimes, 'nowSeconds' | 'beforeSeconds'>,
  ): void {
    const actions = twins.feed(index, value, nowSeconds, beforeSeconds, false);
    if (actions !== 0) this.add(actions, twins, subject, metric, value, nowSeconds);
  }

  /** Tells a twin that its series does not exist any more, and writes the zero-end that is owed. */
  end(twins: Twins, index: number, subject: Subject, metric: Metric, nowSeconds: number): void {
    const actions = twins.gone(index, nowSeconds);
    if (actions !== 0) this.add(actions, twins, subject, metric, null, nowSeconds);
  }

  /**
   * Writes the records that a step of a twin asks for: zero-start, value, zero-end.
   *
   * @param actions what {@link Twins.feed} or {@link Twins.gone} said
   * @param value null where the metric is unknown although the value it rides on is not: then only bounds
   */
  add(
    actions: number,
    twins: Twins,
    subject: Subject,
    metric: Metric,
    value: number | null,
    nowSeconds: number,
  ): void {
    if (actions & ZERO_START) {
      this.#push(subject, metric, 'start', 0, twins.zeroStartSeconds);
      this.#opened.push({ subject, metric });
    }
    if (actions & REOPENS) {
      this.#opened.push({ subject, metric });
      if (value !== null) this.#reopening.push(this.#count);
    }
    if (actions & VALUE && value !== null) this.#push(subject, metric, 'value', value, nowSeconds);
    if (actions & ZERO_END) {
      this.#push(subject, metric, 'end', 0, twins.zeroEndSeconds);
      this.#closed.push({ subject, metric });
    }
  }

  /**
   * The finished sample; null when there is nothing to send.
   *
   * @param tellsSpans whether it tells what is open though it has opened and closed nothing
   */
  toSample(source: SampleSource, takenAtMs: number, tellsSpans = false): SampleRecords | null {
    if (this.#count === 0) {
      this.#release();
      return null;
    }
    const records = this.#exactly(this.#count);
    const release = this.#release;
    const { key, cluster, about } = source;
    const [opened, closed, reopening] = [this.#opened, this.#closed, this.#reopening];
    if (opened.length === 0 && closed.length === 0 && !tellsSpans)
      return { key, cluster, takenAtMs, records, release };
    // These go with the sample.
    this.#opened = [];
    this.#closed = [];
    this.#reopening = [];
    const open = (): readonly OpenSpan[] => {
      const spans: OpenSpan[] = [];
      source.listOpen((subject, metric, isDoubtful) => spans.push({ subject, metric, isDoubtful }));
      return spans;
    };
    return { key, cluster, takenAtMs, records, release, spans: { about, open, opened, closed, reopening } };
  }

  /** Lets another sample use the list. */
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
