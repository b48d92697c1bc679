import type { ByteWriter } from '../byte-writer.ts';
import type { Metric } from '../metrics.ts';
import type { NamingName } from '../naming/naming.ts';
import type { Subject, Tag } from '../record.ts';
import type { FixedText, PreparedText } from '../text-pages.ts';

/** What a record shows of a text in the tag of that key; '' where it cannot show it at all and leaves the tag out. */
export type ShowTag = (key: string, text: string) => string;

/** What is the same in every record of one series. */
export interface Series {
  readonly subject: Subject;
  readonly metric: Metric;
  readonly source: string;
  readonly globalTags: readonly Tag[];
}

/** What stands in a unit before its values and what after them. */
export interface SubjectText {
  readonly before: string;
  readonly after: string;
}

/** What is the same for all values of one metric. */
export interface MetricText extends FixedText {
  /** Whether its values are whole numbers at all times. */
  readonly isWhole: boolean;
}

/**
 * Bytes that a format may write for one record besides the texts that it has prepared, its numbers included. The encoder
 * keeps this room free.
 */
export const MOST_OWN_BYTES = 128;

/**
 * How units are written. What is the same for all records of a subject or of a metric is prepared once, as text; a unit
 * is then put together of such texts and of numbers, in any order: `begin`, `value` for each of its records, `end`.
 */
export interface UnitFormat {
  /** Whether each record is a unit, or all of one subject and time are one together. */
  readonly unit: 'record' | 'subjectAndTime';
  /** Whether the text of a subject differs for this metric from that for its other metrics. Only where units are records. */
  hasOwnText(metric: Metric): boolean;
  subjectText(series: Series): SubjectText;
  metricText(metric: Metric): string;
  begin(out: ByteWriter, text: PreparedText, timestampSeconds: number): void;
  /** @param place among the values of the unit */
  value(out: ByteWriter, metric: MetricText, value: number, timestampSeconds: number, place: number): void;
  end(out: ByteWriter, text: PreparedText, timestampSeconds: number): void;
}

/** One record, read back. */
export interface ReadRecord {
  readonly name: string;
  readonly value: number;
  readonly timestampSeconds: number;
  readonly source: string;
  /** Without `source`. */
  readonly tags: ReadonlyMap<string, string>;
}

/** A wire format: one row of the table `FORMATS`. */
export interface Format {
  /** What a unit is, for the documentation. Where it is a line, its newline belongs to it. */
  readonly description: string;
  readonly namings: readonly NamingName[];
  /** Tags that a record has of its own, in any of the namings. */
  readonly reservedTags: readonly string[];
  /** So many units one message may hold where nothing else is asked for: 1 where readers take one value a message. */
  readonly unitsPerMessage: number;
  /** So many tags a record may have, its own included, source aside. */
  readonly mostTags: number;
  readonly showTag: ShowTag;
  /** Whether the tag of that key shows a text shortened. */
  readonly shortens: (key: string, text: string) => boolean;
  readonly create: (naming: NamingName, prefix: string) => UnitFormat;
  /** The records of a unit, without its newline; none where it is of another format. */
  readonly read: (unit: string) => readonly ReadRecord[];
  /**
   * What is the same in all units with zeroes of the same series: the unit without its timestamp. Null for a unit that
   * holds anything but zeroes, or is of another format.
   */
  readonly seriesOfZeroes: (unit: string) => string | null;
}
