import type { Subject } from '../records/record.ts';

/**
 * The partitions of one group, each with a small number (its slot) that stays the same while it lives.
 * Slots of vanished partitions are used again.
 */
export class PartitionSlots {
  /** How many slots there are, free ones included. */
  size = 0;

  readonly topics: string[] = [];
  readonly partitions: number[] = [];
  readonly owners: string[] = [];
  readonly clientIds: string[] = [];
  /** Made when the first record of a partition is; most partitions never lag and need none. */
  readonly subjects: (Subject | undefined)[] = [];

  readonly #byTopic = new Map<string, TopicSlots>();
  readonly #free: number[] = [];
  /** The topic looked up last: partitions come in runs of one topic. */
  #latestTopic = '';
  #latest: TopicSlots | undefined;
  #live = 0;

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

  /** Gives a new partition a slot. It may be one past the former `size`. */
  claim(topic: string, partition: number, owner: string, clientId: string): number {
    const slot = this.#free.pop() ?? this.size++;
    this.#live++;
    this.topics[slot] = topic;
    this.partitions[slot] = partition;
    this.owners[slot] = owner;
    this.clientIds[slot] = clientId;
    this.subjects[slot] = undefined;
    let ofTopic = this.#byTopic.get(topic);
    if (ofTopic === undefined) {
      ofTopic = { slots: [], live: 0 };
      this.#byTopic.set(topic, ofTopic);
    }
    ofTopic.slots[partition] = slot;
    ofTopic.live++;
    return slot;
  }

  /** Frees the slot of a partition that is no more. */
  release(slot: number): void {
    const topic = this.topics[slot] ?? '';
    const partition = this.partitions[slot] ?? -1;
    const ofTopic = this.#byTopic.get(topic);
    if (ofTopic?.slots[partition] !== slot) return;
    ofTopic.slots[partition] = undefined;
    ofTopic.live--;
    if (ofTopic.live === 0) {
      this.#byTopic.delete(topic);
      this.#latest = undefined;
    }
    this.subjects[slot] = undefined;
    this.#free.push(slot);
    this.#live--;
  }
}

interface TopicSlots {
  /** By partition id. */
  readonly slots: (number | undefined)[];
  live: number;
}
