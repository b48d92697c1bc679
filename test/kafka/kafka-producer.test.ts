import type { Kafka } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createKafkaProducer } from '../../src/kafka/kafka-producer.ts';
import { ProducedMessage } from '../../src/kafka/messages/produced-message.ts';
import { createTransactionalProducer } from '../../src/kafka/transactional-producer.ts';

interface Answer {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** What kafkajs is for a producer, with these answers to whatever is sent. */
function kafkaThatAnswers(answers: readonly Answer[]): Kafka {
  const producer = {
    events: {},
    on: () => undefined,
    send: () => Promise.resolve(answers),
    transaction: () => Promise.resolve({ sendBatch: () => Promise.resolve(answers) }),
  };
  return { producer: () => producer } as unknown as Kafka;
}

const messages = [new ProducedMessage(Buffer.from('c/a'), '1000', Buffer.from('line'))];
const named: Answer = { topicName: 'speed-racer', partition: 3, errorCode: 0 };

const producers = {
  'that is idempotent': (kafka: Kafka) =>
    createKafkaProducer(kafka, { topic: 'speed-racer', compression: 'none' }).send(3, messages),
  'that writes in a transaction': async (kafka: Kafka) => {
    const options = { topic: 'speed-racer', compression: 'none', transactionalId: 't' } as const;
    const transaction = await createTransactionalProducer(kafka, options).begin();
    return transaction.send('speed-racer', 3, messages);
  },
};

describe.each(Object.entries(producers))('given a producer %s', (_, send) => {
  test('when the answer names the partition without an error, then the messages have arrived', async () => {
    expect(await send(kafkaThatAnswers([{ ...named, partition: 2 }, named]))).toBe(true);
  });

  test.each([
    ['names nothing', []],
    ['names another topic', [{ ...named, topicName: 'speed' }]],
    ['names another partition', [{ ...named, partition: 0 }]],
    ['names an error', [{ ...named, errorCode: 5 }]],
    [
      'says each of it, but of different partitions',
      [
        { ...named, errorCode: 5 },
        { ...named, partition: 1 },
        { ...named, topicName: 'x' },
      ],
    ],
  ])('when the answer %s, then they have not', async (_what, answers: readonly Answer[]) => {
    expect(await send(kafkaThatAnswers(answers))).toBe(false);
  });
});
