import type { Metric, OpenSpan, Record, SampleRecords, Span, Subject } from '../records/record.ts';
import type { AddOpenSpan } from './remembered.ts';
import { REOPENS, VALUE, ZERO_END, ZERO_START, type Twins } from './twins.ts';

/** The records of one sample while they are being gathered. */
export class RecordList {
  readonly records: Record[] = [];
  /** Spans that the sample opened and closed. */
  readonly #opened: Span[] = [];
  readonly #closed: Span[] = [];
  /** Places of values that open a span without a zero-start of their own. */
  readonly #reopening: number[] = [];

  /** Stamp of the latest record, epoch seconds; 0 while there is none. */
  latestSeconds = 0;

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
      if (value !== null) this.#reopening.push(this.records.length);
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
   */
  toSample(
    { key, cluster, takenAtMs }: Pick<SampleRecords, 'key' | 'cluster' | 'takenAtMs'>,
    about: NonNullable<SampleRecords['spans']>['about'],
    listOpen: (add: AddOpenSpan) => void,
  ): SampleRecords | null {
    const { records } = this;
    if (records.length === 0) return null;
    const [opened, closed, reopening] = [this.#opened, this.#closed, this.#reopening];
    if (opened.length === 0 && closed.length === 0) return { key, cluster, takenAtMs, records };
    const open = (): readonly OpenSpan[] => {
      const spans: OpenSpan[] = [];
      listOpen((subject, metric, isDoubtful) => spans.push({ subject, metric, isDoubtful }));
      return spans;
    };
    return { key, cluster, takenAtMs, records, spans: { about, open, opened, closed, reopening } };
  }

  #push(
    subject: Subject,
    metric: Metric,
    kind: Record['kind'],
    value: number,
    timestampSeconds: number,
  ): void {
    this.records.push({ subject, metric, kind, value, timestampSeconds });
    if (timestampSeconds > this.latestSeconds) this.latestSeconds = timestampSeconds;
  }
}
