import { Kafka, logLevel, type Admin } from 'kafkajs';
import { pino } from 'pino';
import { onTestFinished, type TestContext } from 'vitest';
import { kafkajsVersion, type KafkajsPatch } from '../../src/kafka/patches/patch.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { KafkaSinkOptions } from '../../src/kafka/kafka-options.ts';
import { createKafkaSink } from '../../src/sinks/kafka/kafka-sink.ts';
import { linesOf, sampleOf } from '../outbox/sample-of.ts';
import type { KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';

/** Never aborts. */
export const forever = new AbortController().signal;
const soon = () => AbortSignal.timeout(2000);

/** A sink of the real thing, stopped when the test ends. */
export async function startSink(
  options: Partial<KafkaSinkOptions> & Pick<KafkaSinkOptions, 'brokers' | 'topic'>,
) {
  const sink = createKafkaSink(
    { clock: systemClock, scheduler: systemScheduler, log: pino({ level: 'silent' }) },
    { clientId: 'kafka-sink-test', compression: 'gzip', linesPerMessage: 1, ...options },
  );
  await sink.start(soon());
  onTestFinished(() => sink.stop(soon()));
  return sink;
}

const keys = Array.from({ length: 12 }, (_, index) => `c/group-${index}`);

/** Samples of a few lines, each with its key and a number that rises within the key. */
export function manySamples(count: number, round = 0): EncodedSample[] {
  return Array.from({ length: count }, (_, index) => {
    const key = keys[index % keys.length] ?? '';
    const serial = round * count + index;
    return sampleOf(
      key,
      [0, 1, 2].map((line) => `${key} ${serial * 3 + line} ${'x'.repeat(60)}`),
      1_700_000_000_000 + serial,
    );
  });
}

/** Every line of the topic by message key, in the order of its partition. */
export async function linesByKey(kafka: Kafka, admin: Admin, topic: string): Promise<Map<string, string[]>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  const expected = offsets.reduce((sum, { high }) => sum + Number(high), 0);
  const lines = new Map<string, string[]>();
  const consumer = kafka.consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 100 });
  let read = 0;
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const key = String(message.key);
        lines.set(key, [...(lines.get(key) ?? []), ...String(message.value).split('\n')]);
        read += 1;
        return Promise.resolve();
      },
    });
    await pollUntil(() => (read >= expected ? true : undefined), {
      what: `${expected} messages of ${topic}`,
      withinMs: 20_000,
    });
  } finally {
    await consumer.disconnect();
  }
  return lines;
}

/** The same of samples: what the topic must hold. */
export function byKey(samples: readonly EncodedSample[]): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const sample of samples) lines.set(sample.key, [...(lines.get(sample.key) ?? []), ...linesOf(sample)]);
  return lines;
}

/** A client to look at the cluster with; its admin is not connected yet. */
export function connect(cluster: KafkaCluster) {
  const kafka = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING });
  return { kafka, admin: kafka.admin() };
}

/** For a test of what only a patch of kafkajs gives: skips it, and says why, where patches stand aside. */
export function needsPatch(
  { name, versions, without }: KafkajsPatch,
  { skip }: Pick<TestContext, 'skip'>,
): void {
  skip(!versions.includes(kafkajsVersion()), `without the patch ${name}, ${without}`);
}
