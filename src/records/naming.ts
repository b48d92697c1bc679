import type { Metric, Subject } from './record.ts';

/** How series are named and tagged: dotted paths and tags, before any wire format's own quoting. */
export interface Naming {
  /**
   * The dotted parts of a series' name; an encoder cleans each and joins them with dots. Of one subject's metrics
   * only the last part differs, which depends on nothing but the metric; rates (`hosts`, `offsetRate`) are free.
   */
  nameParts(subject: Subject, metric: Metric): readonly string[];
  /**
   * The tags besides the global ones, in a fixed order. The same for all metrics of a subject, rates excepted.
   */
  tags(subject: Subject, metric: Metric): readonly (readonly [key: string, value: string])[];
}
