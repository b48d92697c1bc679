import { Kafka, logLevel } from 'kafkajs';
import { readLedgerTopic } from '../../../src/ledger/kafka/read-topic.ts';

/** The newest value of each key that was not removed. */
export async function readLedger(
  brokers: readonly string[],
  topic: string,
): Promise<ReadonlyMap<string, string>> {
  const kafka = new Kafka({ clientId: 'ledger-reader', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const append = async (key: Buffer): Promise<void> => {
    await producer.send({ topic, messages: [{ key, value: null, partition: 0 }] });
  };
  try {
    const options = { topic, clientId: 'ledger-reader' };
    return (await readLedgerTopic({ kafka, append }, options, AbortSignal.timeout(30_000))).entries;
  } finally {
    await producer.disconnect();
  }
}
