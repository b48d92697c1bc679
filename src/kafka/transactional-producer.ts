import type { CompressionTypes, Kafka, Transaction } from 'kafkajs';
import { countPartitions } from './kafka-admin.ts';
import { loadCodec } from './messages/kafka-codec.ts';
import type { Compression } from './kafka-options.ts';
import { isWritten, takeGivenPartition, toPartitionMessages } from './messages/partition-messages.ts';
import type { ProducedMessage } from './messages/produced-message.ts';

/** What the sink needs of a producer that writes in transactions. */
export interface TransactionalProducer {
  /**
   * One attempt to reach the brokers, take over the transactional id (what a former producer left unfinished is then
   * ended by the brokers), and find the topics.
   */
  connect(): Promise<void>;
  /** How many partitions the records' topic has now. */
  partitionCount(): Promise<number>;
  /** Begins a transaction. The brokers hear of it with the first send. */
  begin(): Promise<KafkaTransaction>;
  disconnect(): Promise<void>;
}

/** One transaction. After any failure but a refusal for size the producer is not to be used any more. */
export interface KafkaTransaction {
  /** Appends messages to one partition as one batch; true only when the answer names that partition. */
  send(topic: string, partition: number, messages: readonly ProducedMessage[]): Promise<boolean>;
  /** After a rejection it is not known whether it is committed. */
  commit(): Promise<void>;
}

/** How long the leader waits for its followers before it answers, ms. */
const produceTimeoutMs = 20_000;
/** When a transaction has made no progress for this long, the brokers end it. Until then readers of committed records wait. */
const transactionTimeoutMs = 60_000;

/**
 * A producer of kafkajs, held so that its faults cannot lose or repeat records. kafkajs gives back the sequence numbers
 * of a failed send and cannot try a commit again, so after any failure the sink takes a new producer: it gets a new
 * epoch, and the brokers end the old transaction. Nothing is retried here.
 */
export function createTransactionalProducer(
  kafka: Kafka,
  options: {
    readonly topic: string;
    readonly compression: Compression;
    readonly transactionalId: string;
  },
): TransactionalProducer {
  const { topic, transactionalId } = options;
  const producer = kafka.producer({
    transactionalId,
    transactionTimeout: transactionTimeoutMs,
    maxInFlightRequests: 5,
    allowAutoTopicCreation: true,
    retry: { retries: 0 },
    createPartitioner: () => takeGivenPartition,
  });
  let codec: CompressionTypes | null = null;

  function wrap(transaction: Transaction): KafkaTransaction {
    return {
      async send(to, partition, messages) {
        codec ??= await loadCodec(options.compression);
        const answers = await transaction.sendBatch({
          topicMessages: [{ topic: to, messages: toPartitionMessages(partition, messages) }],
          acks: -1,
          timeout: produceTimeoutMs,
          compression: codec,
        });
        return isWritten(answers, to, partition);
      },
      commit: () => transaction.commit(),
    };
  }

  return {
    async connect() {
      await producer.connect();
      // No message, but it loads the topic's metadata, which creates the topic where brokers allow it.
      await producer.send({ topic, messages: [] });
      // The first transaction asks for the producer id; this one ends before it has begun.
      await (await producer.transaction()).abort();
    },
    partitionCount: () => countPartitions(kafka, topic),
    begin: async () => wrap(await producer.transaction()),
    disconnect: () => producer.disconnect(),
  };
}
