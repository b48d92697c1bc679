import type { Metric } from '../records/metrics.ts';
import type { OpenSpan, Subject } from '../records/record.ts';

/** Adds an open span to a list. */
export type AddOpenSpan = (subject: Subject, metric: Metric, isDoubtful: boolean) => void;

/** What is left from a former process; see `SeriesBook.resume`. */
export interface Remembered {
  /** No record of a former process is later, epoch seconds; 0 where there was none. */
  readonly notBeforeSeconds: number;
  readonly spans: readonly OpenSpan[];
}

/** Nothing. */
export const NOTHING_REMEMBERED: Remembered = { notBeforeSeconds: 0, spans: [] };

/** What a twin is told of its metrics: whether one of them was open, and whether that is in doubt. */
export function openAmong(
  spans: readonly OpenSpan[],
  subject: Subject,
  metrics: readonly Metric[],
): { readonly isDoubtful: boolean } | null {
  const open = spans.filter((span) => span.subject === subject && metrics.includes(span.metric));
  return open.length === 0 ? null : { isDoubtful: open.some(({ isDoubtful }) => isDoubtful) };
}
