import type { Subject } from '../records/record.ts';
import type { PartitionSlots } from './partition-slots.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan } from './recovered-spans.ts';
import type { PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins, type StateCounts } from './twins.ts';

/** The `hosts` series of one group: how fast its partitions' owners consume. A partition is known by its slot. */
export interface HostRates {
  /**
   * Goes on with a span that a former process left open.
   *
   * @param slotOf gives the partition of the subject a slot; -1 where it can have none
   */
  resume(
    subject: Subject,
    isDoubtful: boolean,
    lastRecordSeconds: number,
    slotOf: (subject: Subject) => number,
  ): void;
  /** The slot has another partition or owner from now on. `lastRecordSeconds` is when that one last had a record. */
  reset(slot: number, lastRecordSeconds: number): void;
  lastRecordSeconds(slot: number): number;
  grow(capacity: number): void;
  /**
   * Takes one partition of a sample.
   *
   * @param perMinute how fast it is consumed; anything but a number of 0 or more is no rate
   */
  take(
    slot: number,
    reading: PartitionReading,
    perMinute: number,
    sampleNumber: number,
    times: SampleTimes,
    out: RecordList,
  ): void;
  /** The slot's partition does not exist any more, or has another owner. */
  end(slot: number, nowSeconds: number, out: RecordList): void;
  /** Every partition of a sample was taken. */
  finish(
    sampleNumber: number,
    times: Pick<SampleTimes, 'nowSeconds' | 'beforeSeconds'>,
    out: RecordList,
  ): void;
  listOpen(add: AddOpenSpan): void;
  /** Where the twin machine of the slot's host stands. */
  state(slot: number): number;
  countStates(counts: StateCounts): void;
  endedElsewhere(timestampSeconds: number): void;
}

/** Each partition has a series of its own. */
export class PartitionHosts implements HostRates {
  readonly #twins: Twins;
  readonly #slots: PartitionSlots;

  constructor(rules: TwinRules, slots: PartitionSlots) {
    this.#twins = new Twins(rules, 0);
    this.#slots = slots;
  }

  resume(
    subject: Subject,
    isDoubtful: boolean,
    lastRecordSeconds: number,
    slotOf: (subject: Subject) => number,
  ): void {
    const slot = slotOf(subject);
    if (slot >= 0) this.#twins.resume(slot, isDoubtful, lastRecordSeconds);
  }

  reset(slot: number, lastRecordSeconds: number): void {
    this.#twins.reset(slot, lastRecordSeconds);
  }

  lastRecordSeconds(slot: number): number {
    return this.#twins.lastRecordSeconds(slot);
  }

  grow(capacity: number): void {
    this.#twins.grow(capacity);
  }

  take(
    slot: number,
    _reading: PartitionReading,
    perMinute: number,
    _sampleNumber: number,
    { nowSeconds, beforeSeconds }: SampleTimes,
    out: RecordList,
  ): void {
    if (!(perMinute >= 0)) return;
    const actions = this.#twins.feed(slot, perMinute, nowSeconds, beforeSeconds, false);
    if (actions !== 0)
      out.add(actions, this.#twins, this.#slots.subjectOf(slot), 'hosts', perMinute, nowSeconds);
  }

  end(slot: number, nowSeconds: number, out: RecordList): void {
    const actions = this.#twins.gone(slot, nowSeconds);
    if (actions !== 0) out.add(actions, this.#twins, this.#slots.subjectOf(slot), 'hosts', null, nowSeconds);
  }

  finish(): void {
    // Each partition stands for itself.
  }

  listOpen(add: AddOpenSpan): void {
    for (let slot = 0; slot < this.#slots.size; slot++) {
      if (this.#twins.isOpen(slot)) add(this.#slots.subjectOf(slot), 'hosts', this.#twins.isDoubtful(slot));
    }
  }

  state(slot: number): number {
    return this.#twins.state(slot);
  }

  countStates(counts: StateCounts): void {
    this.#slots.countStates(this.#twins, counts);
  }

  endedElsewhere(timestampSeconds: number): void {
    this.#twins.endedElsewhere(this.#slots.size, timestampSeconds);
  }
}
