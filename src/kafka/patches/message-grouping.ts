/**
 * Why: kafkajs 2.2.4 groups the messages of a send by partition with `reduce`, and copies the group once for each
 * message: 4 KB of garbage a record at a thousand of them. Before, it asks with `find` whether one lacks a value, which
 * would make a Buffer of each of ours. We send to one partition at a time, and none of our messages lacks a value. So a
 * list of ours answers these two questions of kafkajs at once.
 *
 * Relies on: the text of the two functions with which kafkajs asks. Whoever passes another function to `reduce` or
 * `find` gets what any array would answer. Both questions are put to a list as a probe. Needs the patch produce-request,
 * because kafkajs cannot encode the members of such a list.
 *
 * Without it: each send is grouped by kafkajs; it is slower, and batches go under kafkajs's own numbers.
 */
import type { Message } from 'kafkajs';
import { ProducedMessage } from '../messages/produced-message.ts';
import type { BatchNumbers } from '../messages/producer-numbers.ts';
import { loadInternal, type KafkajsPatch } from './patch.ts';
import { encodesOwnBatches, keepBatch } from './produce-request.ts';

const GROUPING = `(result, message) => {
    const partition = partitioner({ topic, partitionMetadata, message })
    const current = result[partition] || []
    return Object.assign(result, { [partition]: [...current, message] })
  }`;
const LACKS_VALUE = 'message => message.value === undefined';

/** Messages for one partition as one list for kafkajs. */
export function toGroupedList(
  partition: number,
  messages: readonly ProducedMessage[],
  numbers?: BatchNumbers,
): Message[] {
  const list: Message[] = messages.slice();
  keepBatch(list, messages, numbers);
  // An empty list has no group; it only makes kafkajs look at the topic.
  if (list.length === 0) return list;
  return Object.defineProperties(list, {
    reduce: {
      value: (...args: Parameters<typeof list.reduce>): unknown =>
        String(args[0]) === GROUPING ? { [partition]: list } : Array.prototype.reduce.apply(list, args),
    },
    find: {
      value: (...args: Parameters<typeof list.find>): unknown =>
        String(args[0]) === LACKS_VALUE ? undefined : Array.prototype.find.apply(list, args),
    },
  });
}

export const messageGrouping: KafkajsPatch = {
  name: 'message-grouping',
  versions: ['2.2.4'],
  without: 'records use more CPU and memory',
  apply() {
    if (!encodesOwnBatches()) return 'it needs the patch produce-request';
    if (!isGroupedAtOnce()) return 'kafkajs groups the messages of a send in another way';
    return isAskedForValues() ? null : 'kafkajs looks for messages without a value in another way';
  },
};

type Group = (send: object) => Readonly<Record<number, unknown>>;
type CreateMessageProducer = (parts: object) => { send(request: object): Promise<unknown> };

function isGroupedAtOnce(): boolean {
  const group = loadInternal('src/producer/groupMessagesPerPartition.js') as Group;
  const list = toGroupedList(7, [probe(), probe()]);
  // A partitioner that is asked would put them elsewhere.
  return group({ topic: '', partitionMetadata: [{}], messages: list, partitioner: () => 3 })[7] === list;
}

/** Whether a send gets past the question without looking at a message. */
function isAskedForValues(): boolean {
  const createProducer = loadInternal('src/producer/messageProducer.js') as CreateMessageProducer;
  const steps: string[] = [];
  const getConnectionStatus = (): string => {
    steps.push('past');
    return 'disconnected';
  };
  const unseen = Object.defineProperty(probe(), 'value', { get: () => steps.push('looked') });
  createProducer({ getConnectionStatus, idempotent: true })
    .send({ topic: 'probe', messages: toGroupedList(0, [unseen]), acks: -1 })
    .catch(() => undefined);
  return steps.join() === 'past';
}

function probe(): ProducedMessage {
  return new ProducedMessage(Buffer.alloc(0), '0', null);
}
