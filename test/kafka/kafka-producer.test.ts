import type { Kafka } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createKafkaProducer } from '../../src/kafka/kafka-producer.ts';
import { ProducedMessage } from '../../src/kafka/messages/produced-message.ts';
import { createTransactionalProducer } from '../../src/kafka/transactional-producer.ts';
import { kafkaError } from './fake-brokers.ts';

interface Answer {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** What kafkajs is for a producer, with these answers to whatever is sent. */
function kafkaThatAnswers(answers: readonly Answer[]): Kafka {
  return kafkaThatSends(() => Promise.resolve(answers));
}

function kafkaThatSends(send: () => Promise<readonly Answer[]>): Kafka {
  const producer = {
    events: {},
    on: () => undefined,
    send,
    transaction: () => Promise.resolve({ sendBatch: send }),
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

describe('given a producer whose batch was not answered', () => {
  const other = [new ProducedMessage(Buffer.from('c/a'), '2000', Buffer.from('other'))];

  /** What it sends next, after a batch to partition 3 that met this error. */
  function after(error: Error) {
    const fates: (() => Promise<readonly Answer[]>)[] = [() => Promise.reject(error)];
    const named3 = () => Promise.resolve([named, { ...named, partition: 4 }]);
    const kafka = kafkaThatSends(() => (fates.shift() ?? named3)());
    return createKafkaProducer(kafka, { topic: 'speed-racer', compression: 'none' });
  }

  test('when the same batch is sent again, then it is, and then another', async () => {
    const producer = after(new Error('no answer'));
    await expect(producer.send(3, messages)).rejects.toThrow('no answer');
    expect(await producer.send(3, messages)).toBe(true);
    expect(await producer.send(3, other)).toBe(true);
  });

  test('when another batch is sent to that partition, even at the same time, then it is refused', async () => {
    const producer = after(new Error('no answer'));
    const [first, second, elsewhere] = await Promise.allSettled([
      producer.send(3, messages),
      producer.send(3, other),
      producer.send(4, other),
    ]);
    expect(first).toMatchObject({ reason: { message: 'no answer' } });
    expect(second).toMatchObject({ reason: { code: 'KAFKA_PRODUCER_SPENT' } });
    expect(elsewhere).toMatchObject({ value: true });
    await expect(producer.send(3, other)).rejects.toMatchObject({ code: 'KAFKA_PRODUCER_SPENT' });
  });

  test('when the answer was that nothing is written, then another batch may follow', async () => {
    const producer = after(kafkaError('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }));
    await expect(producer.send(3, messages)).rejects.toThrow();
    expect(await producer.send(3, other)).toBe(true);
  });
});
