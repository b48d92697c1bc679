import type { Subject } from '../records/record.ts';
import type { SeriesTags } from './series-tags.ts';

/**
 * The partitions of one group, each with a small number (its slot) that stays the same while it lives.
 * Slots of vanished partitions are used again.
 */
export class PartitionSlots {
  /** How many slots there are, free ones included. */
  size = 0;

  // With room for exactly one: an empty array makes room for seventeen, and most groups have few partitions.
  readonly topics = new Array<string>(1);
  readonly partitions = new Array<number>(1);
  readonly owners = new Array<string>(1);
  readonly clientIds = new Array<string>(1);

  /** Made when the first record of a partition is; most partitions never lag and need none. */
  readonly #subjects = new Array<Subject | undefined>(1);
  readonly #tags: SeriesTags;
  readonly #byTopic = new Map<string, TopicSlots>();
  /** Topics that records can only show altered, by what they show. */
  #altered: Map<string, string> | null = null;
  #free: number[] | null = null;
  /** The topic looked up last: partitions come in runs of one topic. */
  #latestTopic = '';
  #latest: TopicSlots | undefined;
  #live = 0;

  constructor(tags: SeriesTags) {
    this.#tags = tags;
  }

  /** How many partitions there are. */
  get live(): number {
    return this.#live;
  }

  /** The slot of a partition, or -1. */
  find(topic: string, partition: number): number {
    if (topic !== this.#latestTopic || this.#latest === undefined) {
      this.#latest = this.#byTopic.get(topic);
      this.#latestTopic = topic;
    }
    return this.#latest?.slots[partition] ?? -1;
  }

  /** Whether records show the topic otherwise than every other topic of the group. */
  admits(topic: string): boolean {
    if (this.#byTopic.has(topic)) return true;
    const shown = this.#tags.topic(topic);
    return this.#altered?.has(shown) !== true && (shown === topic || !this.#byTopic.has(shown));
  }

  /** Gives a new partition of an admitted topic a slot. It may be one past the former `size`. */
  claim(topic: string, partition: number, owner: string, clientId: string): number {
    const slot = this.#free?.pop() ?? this.size++;
    this.#live++;
    this.topics[slot] = topic;
    this.partitions[slot] = partition;
    this.owners[slot] = owner;
    this.clientIds[slot] = clientId;
    this.#subjects[slot] = undefined;
    let ofTopic = this.#byTopic.get(topic);
    if (ofTopic === undefined) {
      ofTopic = { slots: new Array<number | undefined>(1), live: 0 };
      this.#byTopic.set(topic, ofTopic);
      const shown = this.#tags.topic(topic);
      if (shown !== topic) (this.#altered ??= new Map()).set(shown, topic);
    }
    ofTopic.slots[partition] = slot;
    ofTopic.live++;
    return slot;
  }

  /** What the records of a slot's partition are about. */
  subjectOf(slot: number): Subject {
    return (this.#subjects[slot] ??= this.#tags.partition(
      this.topics[slot] ?? '',
      this.partitions[slot] ?? 0,
      this.owners[slot] ?? '',
      this.clientIds[slot] ?? '',
    ));
  }

  /** Another subject serves from now on; undefined: one that is made of what is known. */
  setSubject(slot: number, subject: Subject | undefined): void {
    this.#subjects[slot] = subject;
  }

  /** Frees the slot of a partition that does not exist any more. */
  release(slot: number): void {
    const topic = this.topics[slot] ?? '';
    const partition = this.partitions[slot] ?? -1;
    const ofTopic = this.#byTopic.get(topic);
    if (ofTopic?.slots[partition] !== slot) return;
    ofTopic.slots[partition] = undefined;
    ofTopic.live--;
    if (ofTopic.live === 0) {
      this.#byTopic.delete(topic);
      const shown = this.#tags.topic(topic);
      if (this.#altered?.get(shown) === topic) this.#altered.delete(shown);
      this.#latest = undefined;
    }
    this.#subjects[slot] = undefined;
    (this.#free ??= []).push(slot);
    this.#live--;
  }
}

interface TopicSlots {
  /** By partition id. */
  readonly slots: (number | undefined)[];
  live: number;
}
