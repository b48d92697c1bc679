import { Partitioners, type Message, type RecordMetadata } from 'kafkajs';
import { messageGrouping, toGroupedList } from '../patches/message-grouping.ts';
import { isApplied } from '../patches/patches.ts';
import type { ProducedMessage } from './produced-message.ts';
import type { BatchNumbers } from './producer-numbers.ts';

/** Whether batches can be sent under numbers of their own; else they go under kafkajs's. */
export function takesNumbers(): boolean {
  return isApplied(messageGrouping);
}

/**
 * Messages for one partition, as kafkajs is to be given them.
 *
 * @param numbers those of the batch, in place of kafkajs's own, where {@link takesNumbers}
 */
export function toPartitionMessages(
  partition: number,
  messages: readonly ProducedMessage[],
  numbers?: BatchNumbers,
): Message[] {
  return isApplied(messageGrouping)
    ? toGroupedList(partition, messages, numbers)
    : messages.map(({ key, value, timestamp }) => ({ key, value, timestamp, partition }));
}

/** The partitioner of kafkajs's producers. */
export function takeGivenPartition({ message: { partition } }: { readonly message: Message }): number {
  if (partition === undefined) throw new Error('a message was not given its partition');
  return partition;
}

/** Whether the brokers' answers say that the messages for this partition have been written. */
export function isWritten(answers: readonly RecordMetadata[], topic: string, partition: number): boolean {
  return answers.some(
    (answer) => answer.topicName === topic && answer.partition === partition && answer.errorCode === 0,
  );
}

const REMEMBERED_KEYS = 100_000;
/** The partition of a longer key is computed each time: remembered, such keys would fill the memory. */
const LONGEST_REMEMBERED_KEY = 1000;

type Partitioner = ReturnType<typeof Partitioners.DefaultPartitioner>;

/**
 * Kafka's partition for a key, remembered: kafkajs computes its hash digit by digit in 64-bit arithmetic.
 *
 * @param partition kafkajs's own
 */
export function createKeyPartitioner(
  partition: Partitioner = Partitioners.DefaultPartitioner(),
): (key: string, partitions: number) => number {
  const known = new Map<string, number>();
  let knownFor = 0;
  let metadata: Parameters<Partitioner>[0]['partitionMetadata'] = [];
  return (key, partitions) => {
    // Each delivery begins with one queue. What is remembered for all partitions must outlast that.
    if (partitions === 1) return 0;
    if (partitions !== knownFor || known.size >= REMEMBERED_KEYS) {
      known.clear();
      knownFor = partitions;
      metadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 0,
        replicas: [],
        isr: [],
      }));
    }
    let found = known.get(key);
    if (found === undefined) {
      found = partition({ topic: '', partitionMetadata: metadata, message: { key, value: null } });
      if (key.length <= LONGEST_REMEMBERED_KEY) known.set(key, found);
    }
    return found;
  };
}
