import type { OpenSpan, SampleRecords } from '../records/record.ts';
import type { GroupSample, TopicSample } from './sample.ts';

/** What one sample of a group amounts to, for showing. Null where nothing is known. */
export interface GroupSummary {
  readonly maxLagRecords: number | null;
  /** Time lag of the partition with the most lag, seconds. */
  readonly maxLagSeconds: number | null;
  /** How many partitions had no owner. */
  readonly blankOwners: number;
  /** Records per minute that the group has consumed since the sample before, over all its partitions. */
  readonly consumedPerMinute: number | null;
  /** Records per minute that were produced to these partitions meanwhile. */
  readonly producedPerMinute: number | null;
}

/**
 * The series of one consumer group. `take` feeds one sample through every twin machine; `gone` closes every
 * open span because the group is no more (or because the sidecar stops). Both return null when nothing is to be
 * sent. After `gone`, a further `take` begins new spans. A sample whose whole second is not later than that of
 * the one before changes nothing. `release` writes no record and frees the memory: another process goes on with what
 * is open. A released series must not be used again; the book gives a new one for the same name.
 */
export interface GroupSeries {
  take(sample: GroupSample): SampleRecords | null;
  gone(nowMs: number): SampleRecords | null;
  release(): void;
  /** The lag of a whole sample, records, as its `totalLag` has it; null where unknown. To be called before or after. */
  totalLagRecords(sample: GroupSample): number | null;
  /** Sums up a sample; to be called after it was taken. */
  summarise(sample: GroupSample): GroupSummary;
}

/** The series of one topic; see {@link GroupSeries}. */
export interface TopicSeries {
  take(sample: TopicSample): SampleRecords | null;
  gone(nowMs: number): SampleRecords | null;
  release(): void;
}

/** What the newest sample of a group said about one of its partitions. Null is unknown. */
export interface PartitionLevel {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly lagRecords: number | null;
  readonly committedOffset: number | null;
  /** As Burrow gives it; blank where it knows none. */
  readonly owner: string;
  readonly clientId: string;
  /** Records consumed per minute since the sample before. */
  readonly consumedPerMinute: number | null;
  /** Numbers of the states of its twin machines, see `TwinTable.states`: of its lag, and of its owner's rate. */
  readonly lagState: number;
  readonly hostsState: number;
}

/** Something with partitions to look at. */
export interface PartitionLevels {
  /** Those of one group together. Samples may be taken, and groups come and go, while it is read. */
  levels(): Iterable<PartitionLevel>;
}

/** Whether what is open of a group, a topic or a cluster was left alone. */
export type IsOpen = (about: 'group' | 'topic' | 'traffic', cluster: string, name: string) => boolean;

/** What the newest sample of a group said about one of its topics. */
export interface GroupTopicLevel {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  /** Sum of its partitions' lags; null where one of them is unknown. */
  readonly lagRecords: number | null;
}

/** Something with topics of groups to look at. */
export interface TopicLevels {
  /** Those of one group together. Samples may be taken, and groups come and go, while it is read. */
  topicLevels(): Iterable<GroupTopicLevel>;
}

/** Every series of this process. Asking twice for one name gives the same object while it is alive. */
export interface SeriesBook {
  /**
   * Tells what a former process left open: those spans go on without another zero-start, and end as any other does.
   * To be called before any series is asked for. Spans of series that are never asked for stay as they are.
   *
   * @param notBeforeSeconds no record of a former process is later; every record of this one will be
   */
  resume(spans: readonly OpenSpan[], notBeforeSeconds: number): void;
  /**
   * Another process has ended what was open here, with zeroes of this stamp: it is closed without a word, and begins
   * anew with the next value. What has a later record goes on. Each next sample tells what is open after it.
   */
  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void;
  group(cluster: string, group: string): GroupSeries;
  topic(cluster: string, topic: string): TopicSeries;
}
