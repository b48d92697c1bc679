import type { Subject } from '../records/record.ts';
import type { PartitionSlots } from './partition-slots.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan } from './recovered-spans.ts';
import type { PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins } from './twins.ts';

/** The `hosts` series of one group: how fast its partitions' owners consume. A partition is known by its slot. */
export interface HostRates {
  readonly twins: Twins;
  /** How many series there are. */
  readonly live: number;
  /** Which of the twins is the one of the slot's host. */
  twinOf(slot: number): number;
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
  /**
   * The slot has another partition or owner from now on. One that comes back has no rate at first, so its zero-start is
   * later than its last record in any case.
   */
  reset(slot: number): void;
  /** There may be more slots from now on. */
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
}

/** Each partition has a series of its own. */
export class PartitionHosts implements HostRates {
  readonly twins: Twins;
  readonly #slots: PartitionSlots;

  constructor(rules: TwinRules, slots: PartitionSlots) {
    this.twins = new Twins(rules, 0);
    this.#slots = slots;
  }

  get live(): number {
    return this.#slots.live;
  }

  twinOf(slot: number): number {
    return slot;
  }

  resume(
    subject: Subject,
    isDoubtful: boolean,
    lastRecordSeconds: number,
    slotOf: (subject: Subject) => number,
  ): void {
    const slot = slotOf(subject);
    if (slot >= 0) this.twins.resume(slot, isDoubtful, lastRecordSeconds);
  }

  reset(slot: number): void {
    this.twins.reset(slot, 0);
  }

  grow(capacity: number): void {
    this.twins.grow(capacity);
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
    const actions = this.twins.feed(slot, perMinute, nowSeconds, beforeSeconds, false);
    if (actions !== 0)
      out.add(actions, this.twins, this.#slots.subjectOf(slot), 'hosts', perMinute, nowSeconds);
  }

  end(slot: number, nowSeconds: number, out: RecordList): void {
    const actions = this.twins.gone(slot, nowSeconds);
    if (actions !== 0) out.add(actions, this.twins, this.#slots.subjectOf(slot), 'hosts', null, nowSeconds);
  }

  finish(): void {
    // Each partition stands for itself.
  }

  listOpen(add: AddOpenSpan): void {
    for (let slot = 0; slot < this.#slots.size; slot++) {
      if (this.twins.isOpen(slot)) add(this.#slots.subjectOf(slot), 'hosts', this.twins.isDoubtful(slot));
    }
  }
}
