import { withRiders } from '../records/metrics.ts';
import { estimateLagSeconds } from './lag-seconds.ts';
import type { OffsetHistories, OffsetHistory } from './offset-history.ts';
import type { PartitionSlots } from './partition-slots.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan } from './recovered-spans.ts';
import type { PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins, VALUE } from './twins.ts';

const LAG_AND_RIDERS = withRiders('Lag');

/** The `Lag` series of one group's partitions, with the metrics that ride on them. A partition is known by its slot. */
export class LagSeries {
  /** One for each slot. */
  readonly twins: Twins;
  readonly #slots: PartitionSlots;
  readonly #histories: OffsetHistories;
  readonly #cluster: string;
  /** The topic whose history was wanted last: partitions come in runs of one topic. */
  #latestTopic: string | null = null;
  #latestHistory: OffsetHistory | undefined;

  constructor(rules: TwinRules, slots: PartitionSlots, histories: OffsetHistories, cluster: string) {
    this.twins = new Twins(rules, 0);
    this.#slots = slots;
    this.#histories = histories;
    this.#cluster = cluster;
  }

  /** A new sample begins. */
  begin(): void {
    this.#latestTopic = null;
  }

  /** Takes one partition of a sample. */
  take(
    slot: number,
    reading: PartitionReading,
    takenAtMs: number,
    { nowSeconds, beforeSeconds }: SampleTimes,
    out: RecordList,
  ): void {
    const { currentLagRecords } = reading;
    if (currentLagRecords === null) return;
    const twins = this.twins;
    const actions = twins.feed(slot, currentLagRecords, nowSeconds, beforeSeconds, false);
    if (actions === 0) return;
    const subject = this.#slots.subjectOf(slot);
    const lagSeconds =
      actions & VALUE ? estimateLagSeconds(reading, this.#historyFor(reading.topic), takenAtMs) : null;
    out.add(actions, twins, subject, 'Lag', currentLagRecords, nowSeconds);
    out.add(actions, twins, subject, 'startOffset', reading.startOffset, nowSeconds);
    out.add(actions, twins, subject, 'endOffset', reading.endOffset, nowSeconds);
    out.add(actions, twins, subject, 'lagSeconds', lagSeconds, nowSeconds);
  }

  /** The slot's partition does not exist any more, or has another owner. */
  end(slot: number, nowSeconds: number, out: RecordList): void {
    const actions = this.twins.gone(slot, nowSeconds);
    if (actions === 0) return;
    const subject = this.#slots.subjectOf(slot);
    for (const metric of LAG_AND_RIDERS) out.add(actions, this.twins, subject, metric, null, nowSeconds);
  }

  listOpen(add: AddOpenSpan): void {
    for (let slot = 0; slot < this.#slots.size; slot++) {
      if (!this.twins.isOpen(slot)) continue;
      const isDoubtful = this.twins.isDoubtful(slot);
      for (const metric of LAG_AND_RIDERS) add(this.#slots.subjectOf(slot), metric, isDoubtful);
    }
  }

  #historyFor(topic: string): OffsetHistory | undefined {
    if (topic !== this.#latestTopic) {
      this.#latestTopic = topic;
      this.#latestHistory = this.#histories.historyOf(this.#cluster, topic);
    }
    return this.#latestHistory;
  }
}
