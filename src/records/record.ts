import type { Metric, SampleOwner, SubjectKind } from './metrics.ts';

export type Tag = readonly [key: string, value: string];

/**
 * What a series is about. One object lives as long as its series do and is shared by all metrics of the same subject,
 * so that an encoder prepares its text once.
 */
export interface Subject {
  readonly kind: SubjectKind;
  readonly cluster: string;
  /** Consumer group; `kind` group, groupTopic, maxLag, partition and host. */
  readonly group?: string;
  /** `kind` groupTopic (all partitions of it that the group has), maxLag, partition and topicPartition. */
  readonly topic?: string;
  /** `kind` partition, host (partitions of that id, of whatever topic) and topicPartition. */
  readonly partition?: number;
  /** Present where the owner is a tag (`seriesTags`); `unknown` where Burrow left it blank. */
  readonly owner?: string;
  /** Present where the client id is a tag; `unknown` where Burrow left it blank. */
  readonly clientId?: string;
  /**
   * The encoder's own: what it has prepared of the subject. Nobody else reads or writes it. A `WeakMap` in its place
   * costs 180 ns a subject, a third of what it takes to encode the four records of a partition (measured with 100,000
   * of them). Whoever makes many subjects sets it to null, so that it is part of the object from the beginning.
   */
  encoderSlot?: object | null;
}

/** `start` and `end` are the zero bounds of a span, `value` is what a sample said. */
export type RecordKind = 'start' | 'value' | 'end';

/** One point of one series. */
export interface Record {
  readonly subject: Subject;
  readonly metric: Metric;
  readonly kind: RecordKind;
  /** A finite number in the metric's own unit (records, offset, seconds, records per minute, count). */
  readonly value: number;
  /** Epoch seconds, whole. */
  readonly timestampSeconds: number;
}

/** One series while it is open: between a zero-start and a zero-end. */
export interface Span {
  readonly subject: Subject;
  readonly metric: Metric;
}

/** A span that is open. */
export interface OpenSpan extends Span {
  /** Whether its zero-start may not have arrived, because a former process died while it was under way. */
  readonly isDoubtful: boolean;
}

/** How a sample changed which spans of its group, topic or cluster are open. */
export interface SpanChanges {
  readonly about: SampleOwner;
  /** All that are open after the sample; to be asked before the next sample is taken. */
  readonly open: () => readonly OpenSpan[];
  readonly opened: readonly Span[];
  readonly closed: readonly Span[];
  /** Places among the records of values that open a span for which the zero-end before is the zero-start, too. */
  readonly reopening: readonly number[];
}

/** All records that one sample gave rise to, in order. Never empty. */
export interface SampleRecords {
  /** Message key: `{cluster}/{group}`, `{cluster}/topic/{topic}` or `{cluster}/traffic`. */
  readonly key: string;
  readonly cluster: string;
  /** When the sample was taken, milliseconds since the epoch. */
  readonly takenAtMs: number;
  readonly records: readonly Record[];
  /** Present where the sample opened or closed a span. */
  readonly spans?: SpanChanges;
  /** Lets the records be overwritten for another sample. May be called once; who does not call it costs some memory only. */
  readonly release?: () => void;
}
