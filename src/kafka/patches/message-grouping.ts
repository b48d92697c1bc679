import type { Message } from 'kafkajs';
import { isProduceRequestCured, keepMessages } from './produce-request.ts';
import type { ProducedMessage } from '../messages/produced-message.ts';
import type { BatchNumbers } from '../messages/producer-numbers.ts';

/**
 * Messages for one partition, as a list for kafkajs. It groups the messages of a send by reducing their list, and
 * copies the group once for each message: 4 KB of garbage a record at a thousand of them. This list knows its group,
 * and that none of its messages lacks a value.
 */
export function toPartitionMessages(
  partition: number,
  messages: readonly ProducedMessage[],
  numbers?: BatchNumbers,
): Message[] {
  const list: Message[] = isProduceRequestCured()
    ? messages.slice()
    : messages.map(({ key, value, timestamp }) => ({ key, value, timestamp, partition }));
  // An empty list has no group; it only makes kafkajs look at the topic.
  if (list.length > 0) {
    Object.defineProperty(list, 'reduce', { value: () => ({ [partition]: list }) });
    Object.defineProperty(list, 'find', { value: () => undefined });
  }
  keepMessages(list, messages, numbers);
  return list;
}

/** For kafkajs, should it go through a list of ours after all. */
export function takeGivenPartition({ message }: { readonly message: Message }): number {
  return message.partition ?? 0;
}
