import type { SampleOwner } from '../records/metrics.ts';
import type { OpenSpan, SampleRecords } from '../records/record.ts';
import type { GroupSample, TopicSample } from './sample.ts';

/** What one sample of a group amounts to, for showing. Null where nothing is known. */
export interface GroupSummary {
  readonly maxLagRecords: number | null;
  /** Time lag of the partition with the most lag, seconds. */
  readonly maxLagSeconds: number | null;
  /** How many partitions had no owner. */
  readonly blankOwners: number;
  /** Records per second that the group has consumed since the sample before, over all its partitions. */
  readonly consumedPerSecond: number | null;
  /** Records per second that were produced to these partitions meanwhile. */
  readonly producedPerSecond: number | null;
}

/**
 * The series of one consumer group.
 *
 * - `take` feeds one sample to every twin machine. A sample whose whole second is not later than that of the one before
 *   changes nothing.
 * - `gone` ends every open span, because the group does not exist any more or the sidecar stops. A later `take` begins
 *   new spans.
 * - `release` writes no record and frees the memory: another process goes on with the open spans. A released series must
 *   not be used again; the book gives a new one for the same name.
 *
 * `take` and `gone` return null when there is nothing to send.
 */
export interface GroupSeries {
  take(sample: GroupSample): SampleRecords | null;
  gone(nowMs: number): SampleRecords | null;
  release(): void;
  /** The lag of a whole sample, records, as its `totalLag` has it; null where unknown. To be called before or after. */
  totalLagRecords(sample: GroupSample): number | null;
  /** Sums up the sample that `take` was given last; null where that changed nothing. */
  summarise(sample: GroupSample): GroupSummary | null;
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
  /** Burrow's number of its status, 0..6. */
  readonly status: number | null;
  /** Records consumed per second since the sample before. */
  readonly consumedPerSecond: number | null;
  /** Numbers of the states of its twin machines, see `TwinTable.states`: of its lag, and of its owner's rate. */
  readonly lagState: number;
  readonly hostsState: number;
}

export interface PartitionLevels {
  /** All partitions, one group after the other. Samples may be taken, and groups come and go, while it is read. */
  levels(): Iterable<PartitionLevel>;
}

/** Whether the other process has left open what a group, a topic or a cluster has open. */
export type IsOpen = (about: SampleOwner, cluster: string, name: string) => boolean;

/** What the newest sample of a group said about one of its topics. */
export interface GroupTopicLevel {
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  /** Sum of its partitions' lags; null where one of them is unknown. */
  readonly lagRecords: number | null;
}

export interface TopicLevels {
  /** All topics, one group after the other. Samples may be taken, and groups come and go, while it is read. */
  topicLevels(): Iterable<GroupTopicLevel>;
}

/** Every series of this process. One name gives the same object as long as its series live. */
export interface SeriesBook {
  /**
   * Takes over what a former process left open: those spans go on without another zero-start, and end as any other.
   * To be called before `group` and `topic`. Spans of a series that is never asked for stay as they are.
   *
   * @param notBeforeSeconds no record of a former process is later; every record of this one will be
   */
  resume(spans: readonly OpenSpan[], notBeforeSeconds: number): void;
  /**
   * Another process has ended the spans that are open here, with zeroes of this stamp. They are closed without a record
   * and begin again with the next value. A series with a later record goes on. The next sample of each group, topic and
   * cluster tells what is open after it.
   */
  endedElsewhere(timestampSeconds: number, isOpen: IsOpen): void;
  group(cluster: string, group: string): GroupSeries;
  topic(cluster: string, topic: string): TopicSeries;
}
