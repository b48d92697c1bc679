import { spawn } from 'node:child_process';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findBurrow } from '../stack/burrow-binary.ts';
import { freePorts } from '../stack/free-port.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { stackCommands } from '../stack/stack-commands.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { createCleanups } from './support/cleanups.ts';

const cleanups = createCleanups();
afterEach(() => cleanups.run());

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

  test('when the lines that `npm run stack` prints are run, then each command does its work on it', async () => {
    const [port = 0] = await freePorts(1);
    const commands = stackCommands(stack);
    const start = (line: string) => startShell(line, { RAINBOW_HTTP_PORT: String(port) });
    const check = start(commands.check);
    expect(await check.ended).toBe(0);
    expect(check.stdout()).toContain('cluster local: 1 group');
    start(commands.run);
    // It starts at the end of the topic, which the sidecar has to make first.
    await pollUntil(
      async () => {
        const top = start(commands.top);
        return (await top.ended) === 0 && /readers +[A-Z]+ /.test(top.stdout()) ? true : undefined;
      },
      { what: 'the group in top', ...WITHIN },
    );
    const tail = start(commands.tail);
    await pollUntil(() => (tail.stdout().includes('.local.readers.totalLag ') ? true : undefined), {
      what: 'records in tail',
      ...WITHIN,
    });
  });
});

/** A line as a person pastes it into a shell, in the folder of package.json. */
function startShell(line: string, env: Readonly<Record<string, string>>) {
  const child = spawn('sh', ['-c', `exec env ${line}`], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  cleanups.add(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { ended, stdout: () => stdout };
}
