import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBurrow } from '../stack/burrow-binary.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { startStack, type Stack } from '../stack/stack.ts';

const WITHIN = { withinMs: 60_000 };

function connectTo(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'stack-test', brokers: [...brokers], logLevel: logLevel.NOTHING });
}

/** Committed and log-end offset of each partition, as Kafka itself tells them. */
async function lagsByKafka(admin: Admin, group: string, topic: string): Promise<readonly number[]> {
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const ends = await admin.fetchTopicOffsets(topic);
  return ends
    .toSorted((left, right) => left.partition - right.partition)
    .map(({ partition, high }) => {
      const at = committed?.partitions.find((each) => each.partition === partition)?.offset ?? 'none';
      return Number(high) - Number(at);
    });
}

interface LagAnswer {
  readonly status: {
    readonly status: string;
    readonly totallag: number;
    readonly partitions: readonly { readonly partition: number; readonly current_lag: number }[];
  };
}

describe.skipIf(!stackIsPossible())('given the real Kafka and the real Burrow', () => {
  let stack: Stack;
  beforeAll(async () => {
    console.info((await findBurrow()).origin);
    stack = await startStack();
  });
  afterAll(() => stack.stop());

  test('when the broker for speed-racer tells its version, then it is Kafka 4', async () => {
    await expect(stack.sink.reportedVersion()).resolves.toMatch(/^4\./);
  });

  test('when records are produced, then a consumer reads the same records in order', async () => {
    const kafka = connectTo(stack.sink.bootstrapServers);
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: 'round-trip', maxWaitTimeInMs: 100 });
    const sent = Array.from({ length: 10 }, (_, index) => `record ${index}`);
    const received: string[] = [];
    try {
      await producer.connect();
      await producer.send({ topic: 'round-trip', messages: sent.map((value) => ({ key: 'one', value })) });
      await consumer.connect();
      await consumer.subscribe({ topic: 'round-trip', fromBeginning: true });
      await consumer.run({
        eachMessage: ({ message }) => {
          received.push(message.value?.toString() ?? '');
          return Promise.resolve();
        },
      });
      await pollUntil(() => (received.length >= sent.length ? true : undefined), {
        what: 'the records',
        ...WITHIN,
      });
    } finally {
      await Promise.all([producer.disconnect(), consumer.disconnect()]);
    }
    expect(received).toEqual(sent);
  });

  test('when a group has committed, then Burrow tells the lag that Kafka tells, and again after it was killed', async () => {
    const kafka = connectTo(stack.watched.kafka.bootstrapServers);
    const admin = kafka.admin();
    const producer = kafka.producer();
    const lagNow = async (): Promise<LagAnswer | undefined> => {
      const response = await fetch(`${stack.burrow.url}/v3/kafka/local/consumer/readers/lag`);
      return response.status === 200 ? ((await response.json()) as LagAnswer) : undefined;
    };
    /** Burrow's lag of each partition, once it counts both partitions. */
    const lagsByBurrow = async (): Promise<readonly number[]> => {
      const partitions = (await lagNow())?.status.partitions ?? [];
      return partitions.toSorted((a, b) => a.partition - b.partition).map((each) => each.current_lag);
    };
    const expectSameLags = async (expected: readonly number[]): Promise<void> => {
      await expect(lagsByKafka(admin, 'readers', 'letters')).resolves.toEqual(expected);
      await expect
        .poll(lagsByBurrow, { timeout: WITHIN.withinMs, interval: 200 })
        .toEqual(await lagsByKafka(admin, 'readers', 'letters'));
    };
    const produce = (partition: number, count: number): Promise<unknown> =>
      producer.send({
        topic: 'letters',
        messages: Array.from({ length: count }, () => ({ partition, value: 'dear reader' })),
      });
    try {
      await admin.connect();
      await producer.connect();
      await admin.createTopics({ topics: [{ topic: 'letters', numPartitions: 2 }], waitForLeaders: true });
      await produce(0, 10);
      await produce(1, 5);
      await pollUntil(
        async () => {
          const response = await fetch(`${stack.burrow.url}/v3/kafka/local/topic/letters`);
          return response.status === 200 ? true : undefined;
        },
        { what: 'Burrow to list the topic', ...WITHIN },
      );
      await admin.setOffsets({
        groupId: 'readers',
        topic: 'letters',
        partitions: [
          { partition: 0, offset: '4' },
          { partition: 1, offset: '5' },
        ],
      });
      await expectSameLags([6, 0]);
      await produce(1, 7);
      await expectSameLags([6, 7]);

      await stack.burrow.kill();
      await expect(fetch(stack.burrow.url)).rejects.toThrow('fetch failed');
      await stack.burrow.restart();
      await expectSameLags([6, 7]);
    } finally {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    }
  });
});
