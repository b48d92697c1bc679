import type { Subject } from '../records/record.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan } from './remembered.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins, type StateCounts } from './twins.ts';

const INITIAL_CAPACITY = 8;
const NONE = -1;

/** Partitions of one id and owner, whatever their topics. */
interface Host {
  readonly key: string;
  readonly subject: Subject;
  /** The newest sample that named one of them. */
  seenIn: number;
  /** Of that sample: the sum of their rates, whether there is one, and whether one is lacking. */
  perMinute: number;
  hasRate: boolean;
  isPartial: boolean;
}

/**
 * The rates of one group's hosts where names have the partition's id but not its topic, as goRainbow's had: what an
 * owner consumes of several topics' partitions of one id is one series, their sum. Where one of them has no rate (its
 * owner is new, its offset went back), the sum is unknown.
 */
export class SharedHosts {
  readonly #twins: Twins;
  readonly #subjectOf: (partition: number, owner: string | undefined) => Subject;
  readonly #hosts: (Host | null)[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #free: number[] = [];
  /** By the partition's slot. */
  readonly #hostOfSlot: number[] = [];
  #capacity = INITIAL_CAPACITY;

  /** @param subjectOf makes the subject of a host; to be called once for each */
  constructor(rules: TwinRules, subjectOf: (partition: number, owner: string | undefined) => Subject) {
    this.#twins = new Twins(rules, INITIAL_CAPACITY);
    this.#subjectOf = subjectOf;
  }

  /** Goes on with a span that a former process left open. */
  resume(span: Subject, isDoubtful: boolean, lastRecordSeconds: number): void {
    const { partition, owner } = span;
    if (partition === undefined) return;
    // A version that had a series for each topic may have left several, which are one here.
    this.#twins.resume(this.#find(partition, owner), isDoubtful, lastRecordSeconds);
  }

  listOpen(add: AddOpenSpan): void {
    for (const [index, host] of this.#hosts.entries()) {
      if (host && this.#twins.isOpen(index)) add(host.subject, 'hosts', this.#twins.isDoubtful(index));
    }
  }

  /** Whether the owner of a slot's partition was told. */
  knows(slot: number): boolean {
    return (this.#hostOfSlot[slot] ?? NONE) !== NONE;
  }

  /** @param owner what the tag says; undefined where it is none */
  place(slot: number, partition: number, owner: string | undefined): void {
    this.#hostOfSlot[slot] = this.#find(partition, owner);
  }

  /**
   * One partition of a sample.
   *
   * @param perMinute anything but a number of 0 or more is no rate
   * @param isConsumed whether an offset of it is known, so that a rate can be had
   */
  note(slot: number, sampleNumber: number, perMinute: number, isConsumed: boolean): void {
    const host = this.#hosts[this.#hostOfSlot[slot] ?? NONE];
    if (!host) return;
    if (host.seenIn !== sampleNumber) {
      host.seenIn = sampleNumber;
      host.perMinute = 0;
      host.hasRate = false;
      host.isPartial = false;
    }
    if (perMinute >= 0) {
      host.perMinute += perMinute;
      host.hasRate = true;
    } else if (isConsumed) {
      host.isPartial = true;
    }
  }

  /** The partition of a slot is another one from now on, or has another owner. */
  forget(slot: number): void {
    this.#hostOfSlot[slot] = NONE;
  }

  /** Every partition of a sample was noted; hosts that have none any more are gone. */
  finish(sampleNumber: number, nowSeconds: number, beforeSeconds: number, out: RecordList): void {
    const twins = this.#twins;
    for (const [index, host] of this.#hosts.entries()) {
      if (host === null) continue;
      if (host.seenIn === sampleNumber) {
        if (!host.hasRate || host.isPartial) continue;
        const perMinute = Math.round(host.perMinute * 1000) / 1000;
        const asked = twins.feed(index, perMinute, nowSeconds, beforeSeconds, false);
        if (asked !== 0) out.add(asked, twins, host.subject, 'hosts', perMinute, nowSeconds);
        continue;
      }
      const asked = twins.gone(index, nowSeconds);
      if (asked !== 0) out.add(asked, twins, host.subject, 'hosts', null, nowSeconds);
      // Who comes back has no rate at first, so that its new zero-start is later than this end.
      this.#hosts[index] = null;
      this.#byKey.delete(host.key);
      this.#free.push(index);
    }
  }

  /** Where the machine of a slot's host stands. */
  state(slot: number): number {
    return this.#twins.state(this.#hostOfSlot[slot] ?? NONE);
  }

  endedElsewhere(timestampSeconds: number): void {
    this.#twins.endedElsewhere(this.#hosts.length, timestampSeconds);
  }

  countStates(counts: StateCounts): void {
    for (const [index, host] of this.#hosts.entries()) if (host) counts.add(this.#twins.state(index), 1);
  }

  #find(partition: number, owner: string | undefined): number {
    const key = `${partition} ${owner ?? ''}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const index = this.#free.pop() ?? this.#hosts.length;
    if (index >= this.#capacity) {
      this.#capacity *= 2;
      this.#twins.grow(this.#capacity);
    }
    this.#twins.reset(index, 0);
    this.#hosts[index] = {
      key,
      subject: this.#subjectOf(partition, owner),
      seenIn: 0,
      perMinute: 0,
      hasRate: false,
      isPartial: false,
    };
    this.#byKey.set(key, index);
    return index;
  }
}
