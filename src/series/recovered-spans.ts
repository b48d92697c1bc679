import type { Metric } from '../records/metrics.ts';
import type { OpenSpan, Subject } from '../records/record.ts';

/** Adds an open span to a list. */
export type AddOpenSpan = (subject: Subject, metric: Metric, isDoubtful: boolean) => void;

/** What a former process has left open; see `SeriesBook.resume`. */
export interface RecoveredSpans {
  /** No record of a former process is later, epoch seconds; 0 where there was none. */
  readonly notBeforeSeconds: number;
  readonly spans: readonly OpenSpan[];
}
