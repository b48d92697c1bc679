import type { Subject } from '../records/record.ts';
import type { HostRates } from './host-rates.ts';
import type { SeriesTags } from './series-tags.ts';
import type { RecordList } from './record-list.ts';
import type { AddOpenSpan } from './recovered-spans.ts';
import type { PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { TwinRules } from './twin-machine.ts';
import { Twins } from './twins.ts';

const INITIAL_CAPACITY = 8;
const NONE = -1;

/** Partitions of one id and owner, whatever their topics. */
interface Host {
  readonly key: string;
  readonly subject: Subject;
  /** The newest sample that named one of them. */
  seenIn: number;
  /** Of that sample: the sum of their rates, whether there is any rate, and whether one is missing. */
  perMinute: number;
  hasRate: boolean;
  isPartial: boolean;
}

/**
 * Names have the partition's id but not its topic, as in goRainbow. So what an owner consumes of the partitions with one
 * id, over all topics, is one series: their sum. Where one of them has no rate (its owner is new, its offset went
 * back), the sum is unknown.
 */
export class SharedHosts implements HostRates {
  readonly twins: Twins;
  readonly #tags: SeriesTags;
  readonly #hosts: (Host | null)[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #free: number[] = [];
  /** By the partition's slot. */
  readonly #hostOfSlot: number[] = [];
  #capacity = INITIAL_CAPACITY;

  constructor(rules: TwinRules, tags: SeriesTags) {
    this.twins = new Twins(rules, INITIAL_CAPACITY);
    this.#tags = tags;
  }

  get live(): number {
    return this.#byKey.size;
  }

  twinOf(slot: number): number {
    return this.#hostOfSlot[slot] ?? NONE;
  }

  resume({ partition, owner }: Subject, isDoubtful: boolean, lastRecordSeconds: number): void {
    if (partition === undefined) return;
    // A version that had a series for each topic may have left several open, which are one here.
    this.twins.resume(this.#find(partition, owner), isDoubtful, lastRecordSeconds);
  }

  reset(slot: number): void {
    this.#hostOfSlot[slot] = NONE;
  }

  grow(): void {
    // There are fewer hosts than slots: they grow on their own.
  }

  take(
    slot: number,
    { partition, owner, endOffset }: PartitionReading,
    perMinute: number,
    sampleNumber: number,
  ): void {
    let index = this.#hostOfSlot[slot] ?? NONE;
    if (index === NONE) {
      index = this.#find(partition, this.#tags.owner(owner));
      this.#hostOfSlot[slot] = index;
    }
    const host = this.#hosts[index];
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
    } else if (endOffset !== null) {
      host.isPartial = true;
    }
  }

  end(slot: number): void {
    this.reset(slot);
  }

  /** Hosts that no partition has any more are gone. */
  finish(
    sampleNumber: number,
    times: Pick<SampleTimes, 'nowSeconds' | 'beforeSeconds'>,
    out: RecordList,
  ): void {
    for (const [index, host] of this.#hosts.entries()) {
      if (host === null) continue;
      if (host.seenIn === sampleNumber) {
        if (!host.hasRate || host.isPartial) continue;
        const perMinute = Math.round(host.perMinute * 1000) / 1000;
        out.feed(this.twins, index, host.subject, 'hosts', perMinute, times);
        continue;
      }
      out.end(this.twins, index, host.subject, 'hosts', times.nowSeconds);
      this.#hosts[index] = null;
      this.#byKey.delete(host.key);
      this.#free.push(index);
    }
  }

  listOpen(add: AddOpenSpan): void {
    for (const [index, host] of this.#hosts.entries()) {
      if (host && this.twins.isOpen(index)) add(host.subject, 'hosts', this.twins.isDoubtful(index));
    }
  }

  #find(partition: number, owner: string | undefined): number {
    const key = `${partition} ${owner ?? ''}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const index = this.#free.pop() ?? this.#hosts.length;
    if (index >= this.#capacity) {
      this.#capacity *= 2;
      this.twins.grow(this.#capacity);
    }
    this.twins.reset(index, 0);
    this.#hosts[index] = {
      key,
      subject: this.#tags.host(partition, owner),
      seenIn: 0,
      perMinute: 0,
      hasRate: false,
      isPartial: false,
    };
    this.#byKey.set(key, index);
    return index;
  }
}
