import type { Subject } from '../records/record.ts';
import { GroupFlow } from './group-flow.ts';
import { PartitionHosts, type HostRates } from './host-rates.ts';
import { LagSeries } from './lag-series.ts';
import type { OffsetHistories } from './offset-history.ts';
import { SeriesTags } from './series-tags.ts';
import { PartitionSlots } from './partition-slots.ts';
import { OffsetRates, REWOUND } from './rates.ts';
import type { RecordList } from './record-list.ts';
import type { GroupSample, PartitionReading } from './sample.ts';
import type { SampleTimes } from './sample-times.ts';
import type { PartitionLevel } from './series-book.ts';
import type { AddOpenSpan, RecoveredSpans } from './recovered-spans.ts';
import type { SeriesContext } from './series-options.ts';
import { SharedHosts } from './shared-hosts.ts';
import type { StateCounts } from './twins.ts';

const INITIAL_CAPACITY = 1;

/** Statuses that fit beside the number of a sample, see `#seen`: Burrow's 0 to 6, and one for an unknown one. */
const STATUSES = 8;
const UNKNOWN_STATUS = 7;

/** When the lag of a partition's former owner had its last record. */
interface Former {
  readonly owner: string;
  readonly clientId: string;
  readonly lastRecordSeconds: number;
}

/** The partition series of one group: lag with its riders, and the rate of the owning host. */
export class PartitionSeries {
  /** How many partitions of the latest sample had a blank owner. */
  blankOwners = 0;
  /** How fast they are consumed and produced to. */
  readonly flow = new GroupFlow(INITIAL_CAPACITY);

  readonly #context: SeriesContext;
  readonly #cluster: string;
  readonly #group: string;
  readonly #tags: SeriesTags;
  readonly #slots: PartitionSlots;
  readonly #lag: LagSeries;
  readonly #hosts: HostRates;
  readonly #rates: OffsetRates;
  #former: Map<number, Former> | null = null;
  /**
   * The number of the latest sample that named the partition, times {@link STATUSES}, and Burrow's status of it there:
   * one number for both, since there may be a million of them.
   */
  #seen: number[] = new Array<number>(INITIAL_CAPACITY).fill(0);
  #sampleNumber = 0;
  /** Topics that were left out of the latest sample. */
  #refused: Set<string> | null = null;
  #capacity = INITIAL_CAPACITY;

  constructor(context: SeriesContext, histories: OffsetHistories, cluster: string, group: string) {
    this.#context = context;
    this.#cluster = cluster;
    this.#group = group;
    this.#tags = new SeriesTags(context, cluster, group);
    const { options } = context;
    const { confirmZero, zeroTolerance } = options;
    const rules = { span: 'nonZero', confirmZero, zeroTolerance } as const;
    const hostRules = { ...rules, zeroTolerance: 0 };
    this.#slots = new PartitionSlots(this.#tags);
    this.#lag = new LagSeries(rules, this.#slots, histories, cluster);
    this.#lag.twins.grow(INITIAL_CAPACITY);
    this.#hosts = options.sharesHosts
      ? new SharedHosts(hostRules, this.#tags)
      : new PartitionHosts(hostRules, this.#slots);
    this.#hosts.grow(INITIAL_CAPACITY);
    this.#rates = new OffsetRates(INITIAL_CAPACITY);
  }

  /** Goes on with what a former process left open. To be called before the first sample. */
  resume({ spans, notBeforeSeconds }: RecoveredSpans): void {
    const slotOf = (subject: Subject): number => this.#recoverSlot(subject);
    for (const { subject, metric, isDoubtful } of spans) {
      if (metric === 'hosts') this.#hosts.resume(subject, isDoubtful, notBeforeSeconds, slotOf);
      // The riders share its twin.
      if (metric !== 'Lag') continue;
      const slot = slotOf(subject);
      if (slot >= 0) this.#lag.twins.resume(slot, isDoubtful, notBeforeSeconds);
    }
  }

  listOpen(add: AddOpenSpan): void {
    this.#lag.listOpen(add);
    this.#hosts.listOpen(add);
  }

  /** Takes all partitions of one sample; partitions that it no longer names are gone. */
  take({ partitions, takenAtMs }: GroupSample, times: SampleTimes, out: RecordList): void {
    this.#sampleNumber++;
    this.#lag.begin();
    this.blankOwners = 0;
    this.flow.begin(takenAtMs);
    let seen = 0;
    let rewinds = 0;
    let refused: Set<string> | null = null;
    const seenNow = this.#sampleNumber * STATUSES;
    // Not by an iterator: V8 would make an object of each result.
    for (let index = 0; index < partitions.length; index++) {
      const reading = partitions[index];
      if (reading === undefined) continue;
      const slot = this.#slotOf(reading);
      if (slot < 0) {
        refused = this.#refuse(reading.topic, refused);
        continue;
      }
      // A partition named twice in one answer counts once.
      if ((this.#seen[slot] ?? 0) >= seenNow) continue;
      this.#seen[slot] = seenNow + (reading.status ?? UNKNOWN_STATUS);
      seen++;
      this.#takeOwner(slot, reading.owner, reading.clientId, times.nowSeconds, out);
      if (reading.owner === '') this.blankOwners++;
      this.#lag.take(slot, reading, takenAtMs, times, out);
      const { endOffset } = reading;
      const perMinute = endOffset === null ? NaN : this.#rates.move(slot, endOffset, takenAtMs);
      this.flow.note(slot, reading.currentLagRecords, perMinute);
      if (perMinute === REWOUND) rewinds++;
      this.#hosts.take(slot, reading, perMinute, this.#sampleNumber, times, out);
    }
    if (rewinds > 0) this.#context.countRewind(this.#cluster, rewinds);
    this.#refused = refused;
    if (seen < this.#slots.live) this.#endUnseen(times.nowSeconds, out);
    this.#hosts.finish(this.#sampleNumber, times, out);
  }

  /** Whether the newest sample's partitions of a topic were left out, because it looks like another one in records. */
  isRefused(topic: string): boolean {
    return this.#refused?.has(topic) === true;
  }

  /** The partitions that the newest sample named. Samples may be taken while it is read. */
  *levels(): Generator<PartitionLevel, void, undefined> {
    if (this.#sampleNumber === 0) return;
    const { topics, partitions, owners, clientIds } = this.#slots;
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const status = (this.#seen[slot] ?? 0) - this.#sampleNumber * STATUSES;
      if (status < 0) continue;
      yield {
        cluster: this.#cluster,
        group: this.#group,
        topic: topics[slot] ?? '',
        partition: partitions[slot] ?? 0,
        lagRecords: this.#countedLag(slot),
        committedOffset: this.#rates.newest(slot),
        owner: owners[slot] ?? '',
        clientId: clientIds[slot] ?? '',
        status: status === UNKNOWN_STATUS ? null : status,
        consumedPerSecond: this.#rates.perSecond(slot),
        lagState: this.#lag.twins.state(slot),
        hostsState: this.#hosts.twins.state(this.#hosts.twinOf(slot)),
      };
    }
  }

  #countedLag(slot: number): number | null {
    const lagRecords = this.flow.lagRecords(slot);
    return lagRecords !== null && lagRecords <= this.#context.options.zeroTolerance ? 0 : lagRecords;
  }

  /** Adds the state of each partition's two twin machines to `counts`. */
  countStates(counts: StateCounts): void {
    this.#lag.twins.countStates(this.#slots.live, counts);
    this.#hosts.twins.countStates(this.#hosts.live, counts);
  }

  endedElsewhere(timestampSeconds: number): void {
    this.#lag.twins.endedElsewhere(timestampSeconds);
    this.#hosts.twins.endedElsewhere(timestampSeconds);
  }

  /** The group is gone, and all its partitions with it. */
  gone(nowSeconds: number, out: RecordList): void {
    this.#sampleNumber++;
    this.#endUnseen(nowSeconds, out);
    this.#hosts.finish(this.#sampleNumber, { nowSeconds, beforeSeconds: 0 }, out);
  }

  /** The slot of a partition, or -1 where its topic looks like another one in records. */
  #slotOf(reading: Pick<PartitionReading, 'topic' | 'partition' | 'owner' | 'clientId'>): number {
    const { topic, partition, owner, clientId } = reading;
    const known = this.#slots.find(topic, partition);
    if (known >= 0) return known;
    if (!this.#slots.admits(topic)) return -1;
    const slot = this.#slots.claim(topic, partition, owner, clientId);
    if (slot >= this.#capacity) this.#grow();
    this.#lag.twins.reset(slot, 0);
    this.#hosts.reset(slot);
    this.#rates.reset(slot);
    return slot;
  }

  /** The slot of a partition whose spans a former process left open; -1 where it can have none. */
  #recoverSlot(subject: Subject): number {
    const { kind, topic, partition, owner = '', clientId = '' } = subject;
    if (kind !== 'partition' || topic === undefined || partition === undefined) return -1;
    const slot = this.#slotOf({ topic, partition, owner, clientId });
    if (slot >= 0) this.#slots.setSubject(slot, subject);
    return slot;
  }

  /** The topics that are left out of this sample so far. Each is reported unless the sample before left it out, too. */
  #refuse(topic: string, refused: Set<string> | null): Set<string> {
    if (!this.#refused?.has(topic) && !refused?.has(topic)) {
      this.#context.onAmbiguousTopic(this.#cluster, this.#group, topic);
    }
    return (refused ?? new Set()).add(topic);
  }

  /** For the reader a partition with other tags is another series: the old one ends, the new one begins. */
  #takeOwner(slot: number, owner: string, clientId: string, nowSeconds: number, out: RecordList): void {
    const slots = this.#slots;
    const formerOwner = slots.owners[slot] ?? '';
    const formerClientId = slots.clientIds[slot] ?? '';
    if (formerOwner === owner && formerClientId === clientId) return;
    if (!this.#tags.isSameSeries(formerOwner, formerClientId, owner, clientId)) {
      this.#end(slot, nowSeconds, out);
      const returning = this.#former?.get(slot);
      const isReturning =
        returning !== undefined &&
        this.#tags.isSameSeries(returning.owner, returning.clientId, owner, clientId);
      (this.#former ??= new Map()).set(slot, {
        owner: formerOwner,
        clientId: formerClientId,
        lastRecordSeconds: this.#lag.twins.lastRecordSeconds(slot),
      });
      this.#lag.twins.reset(slot, isReturning ? returning.lastRecordSeconds : 0);
      this.#hosts.reset(slot);
      // Nobody knows which of the two owners consumed since the sample before: no rate this time.
      this.#rates.reset(slot);
      slots.setSubject(slot, undefined);
    }
    slots.owners[slot] = owner;
    slots.clientIds[slot] = clientId;
  }

  #end(slot: number, nowSeconds: number, out: RecordList): void {
    this.#lag.end(slot, nowSeconds, out);
    this.#hosts.end(slot, nowSeconds, out);
  }

  /**
   * Ends the series of partitions that the sample did not name. Their slots are kept for one sample more: a
   * partition that comes back at once must remember when its last record was.
   */
  #endUnseen(nowSeconds: number, out: RecordList): void {
    const slots = this.#slots;
    const seenNow = this.#sampleNumber * STATUSES;
    for (let slot = 0; slot < slots.size; slot++) {
      const seen = this.#seen[slot] ?? 0;
      if (seen >= seenNow) continue;
      this.#end(slot, nowSeconds, out);
      this.#rates.reset(slot);
      if (seen >= seenNow - STATUSES) continue;
      this.#former?.delete(slot);
      slots.release(slot);
    }
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#seen = [...this.#seen, ...new Array<number>(this.#seen.length).fill(0)];
    this.#lag.twins.grow(this.#capacity);
    this.#hosts.grow(this.#capacity);
    this.#rates.grow(this.#capacity);
    this.flow.grow(this.#capacity);
  }
}
