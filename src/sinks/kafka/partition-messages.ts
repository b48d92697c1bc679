import type { Message } from 'kafkajs';

/** A message for one partition; a null value removes its key from a compacted topic. */
export interface ProducedMessage {
  readonly key: Buffer;
  readonly value: Buffer | null;
  /** Milliseconds since the epoch, decimal. */
  readonly timestamp: string;
}

/** For the partitioner, should a list be gone through after all. */
interface PartitionMessage extends ProducedMessage {
  readonly partition: number;
}

const lists = new WeakMap<object, readonly ProducedMessage[]>();

/**
 * Messages for one partition, as a list for kafkajs. It groups the messages of a send by reducing their list, and
 * copies the group once for each message: 4 KB of garbage a record at a thousand of them. This list knows its group.
 */
export function toPartitionMessages(partition: number, messages: readonly ProducedMessage[]): Message[] {
  const list: PartitionMessage[] = messages.map(({ key, value, timestamp }) => ({
    key,
    value,
    timestamp,
    partition,
  }));
  // An empty list has no group; it only makes kafkajs look at the topic.
  if (list.length > 0) Object.defineProperty(list, 'reduce', { value: () => ({ [partition]: list }) });
  lists.set(list, list);
  return list;
}

/** The messages of a list that {@link toPartitionMessages} has made; undefined for any other. */
export function messagesOf(list: object): readonly ProducedMessage[] | undefined {
  return lists.get(list);
}
