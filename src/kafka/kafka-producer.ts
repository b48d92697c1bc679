import type { CompressionTypes, Kafka, Message, RecordMetadata } from 'kafkajs';
import { RainbowError } from '../platform/rainbow-error.ts';
import { explainKafkaError } from './faults/kafka-fault.ts';
import { countPartitions } from './kafka-admin.ts';
import { produceTimeoutMs } from './kafka-client.ts';
import type { Compression } from './kafka-options.ts';
import { loadCodec } from './messages/kafka-codec.ts';
import {
  isWritten,
  takeGivenPartition,
  takesNumbers,
  toPartitionMessages,
} from './messages/partition-messages.ts';
import type { ProducedMessage } from './messages/produced-message.ts';
import type { BatchNumbers } from './messages/producer-numbers.ts';

/** What the sink needs of a producer; each instance has its own producer id. */
export interface KafkaProducer {
  /** One attempt to reach the brokers, get a producer id, and find (or have auto-created) the topic. */
  connect(): Promise<void>;
  /** How many partitions the topic has now. */
  partitionCount(): Promise<number>;
  /**
   * One attempt to append the messages to one partition, as one record batch. Resolves to true only when the answer
   * names that partition. After a failure the same messages may be sent again under the same sequence numbers, so a
   * batch that did arrive is not written twice.
   *
   * @param numbers those of the batch, where they are not to be this producer's own; without the patches of kafkajs
   *   they are not heeded
   */
  send(partition: number, messages: readonly ProducedMessage[], numbers?: BatchNumbers): Promise<boolean>;
  /** Whether a quota of the brokers holds back a request of this producer at the moment. */
  isHeldBack(): boolean;
  disconnect(): Promise<void>;
}

/**
 * A producer of kafkajs, held so that its faults cannot lose or mix records:
 *
 * - **One partition a send.** kafkajs keeps the answers of a send by broker. When a leader moves in mid-send, its
 *   second attempt skips the brokers that have answered, together with the partitions that have just moved to them,
 *   and resolves with those missing. With a single partition there is no second broker to skip.
 * - **Sequence numbers.** kafkajs takes the next numbers of a partition before a send and gives them back when it
 *   fails, for all partitions of that request alike. So the very same messages sent again carry the very same
 *   numbers, and the broker, which remembers the last five batches of a producer, answers a repeated batch without
 *   writing it again. Other messages under these numbers would be taken for the old ones or refused as out of order:
 *   a composition may change only after an answer which says that nothing was written, or with a new producer. A
 *   producer that is given other messages in between refuses them.
 * - **One retry layer**, the sink's. kafkajs refuses an idempotent producer with no retries; NaN passes its check and
 *   is not greater than any count of attempts. Its clean-up after a failure (drop the broken connection, read the
 *   leaders again) runs all the same.
 */
export function createKafkaProducer(
  kafka: Kafka,
  options: {
    readonly topic: string;
    readonly compression: Compression;
    /** Deadline of one request; see the connection's options. */
    readonly timeoutMs?: number;
    /** Whether brokers may create the topic at the first connect; default true. */
    readonly allowAutoTopicCreation?: boolean;
  },
): KafkaProducer {
  const { topic, allowAutoTopicCreation = true } = options;
  const producer = kafka.producer({
    idempotent: true,
    allowAutoTopicCreation,
    retry: { retries: Number.NaN },
    createPartitioner: () => takeGivenPartition,
  });

  // kafkajs sends requests at once, but for those that a broker has told it to hold back: these wait in a queue.
  const heldBack = new Map<string, number>();
  producer.on(producer.events.REQUEST_QUEUE_SIZE, ({ payload: { broker, queueSize } }) => {
    heldBack.set(broker, queueSize);
  });

  let codec: CompressionTypes | null = null;
  async function send(messages: Message[]): Promise<RecordMetadata[]> {
    codec ??= await loadCodec(options.compression);
    const record = { topic, messages, acks: -1, timeout: produceTimeoutMs(options), compression: codec };
    return producer.send(record);
  }

  async function append(
    partition: number,
    messages: readonly ProducedMessage[],
    numbers?: BatchNumbers,
  ): Promise<boolean> {
    const answers = await send(toPartitionMessages(partition, messages, numbers));
    return isWritten(answers, topic, partition);
  }
  const inTurn = oneBatchAtATime((partition, messages) => append(partition, messages));

  return {
    async connect() {
      await producer.connect();
      // No message, but it loads the topic's metadata, which creates the topic where brokers allow it.
      await send([]);
    },
    partitionCount: () => countPartitions(kafka, topic),
    send: (partition, messages, numbers) =>
      numbers !== undefined && takesNumbers()
        ? append(partition, messages, numbers)
        : inTurn(partition, messages),
    isHeldBack: () => [...heldBack.values()].some((requests) => requests > 0),
    disconnect: () => producer.disconnect(),
  };
}

type Send = (partition: number, messages: readonly ProducedMessage[]) => Promise<boolean>;

/** Sends to a partition one batch after the other, and none after one that may have been written without an answer. */
function oneBatchAtATime(send: Send): Send {
  const turns = new Map<number, Promise<unknown>>();
  const unanswered = new Map<number, readonly ProducedMessage[]>();

  async function sendNext(partition: number, messages: readonly ProducedMessage[]): Promise<boolean> {
    const before = unanswered.get(partition);
    if (before !== undefined && before !== messages)
      throw new RainbowError('KAFKA_PRODUCER_SPENT', 'a batch before this one was not answered');
    unanswered.set(partition, messages);
    try {
      const isNamed = await send(partition, messages);
      if (isNamed) unanswered.delete(partition);
      return isNamed;
    } catch (error) {
      if (saysNothingWritten(error)) unanswered.delete(partition);
      throw error;
    }
  }

  return (partition, messages) => {
    const turn = (turns.get(partition) ?? Promise.resolve()).then(() => sendNext(partition, messages));
    turns.set(
      partition,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

function saysNothingWritten(error: unknown): boolean {
  const { action } = explainKafkaError(error, { brokers: [], topic: '' });
  return action === 'shrink' || action === 'refuse' || action === 'suspect';
}
