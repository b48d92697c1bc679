import type { Family } from './metrics.ts';

/** What is the same in every line of one series. */
export interface SeriesText {
  readonly family: Family;
  /** All tags, global ones first; `source` is not among them. */
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly source: string;
}

/**
 * A wire format with one line a record: `beforeName`, the name (clean, joined with dots), `afterName`, the value,
 * `between`, the timestamp, `tail`. All but the numbers are made once for each series.
 */
export interface LineFormat {
  readonly beforeName: string;
  /** Whether a tag's text is too long to be shown in full. */
  mustCut(key: string, text: string): boolean;
  /** What stands in a name for one of its parts. */
  namePart(part: string): string;
  /** Must depend on the family alone. */
  afterName(series: SeriesText): string;
  readonly between: string;
  /** Without the line end. */
  tail(series: SeriesText): string;
}
