import { randomUUID } from 'node:crypto';
import { abortable } from '../platform/abortable.ts';
import { createClusterReader, type ClusterReader, type PartitionMessage } from './cluster-reader.ts';
import { leaveGroup } from './kafka-admin.ts';
import type { KafkaClient } from './kafka-client.ts';

export interface PartitionOptions {
  readonly topic: string;
  readonly partition: number;
  /** Where a consumer group is needed, its name begins with this. */
  readonly groupPrefix: string;
}

export interface PartitionTaker {
  /** Takes what was read, in order; resolves to true when that is enough. */
  readonly take: (messages: readonly PartitionMessage[]) => Promise<boolean>;
  /** Reading has begun, or has come on, perhaps by messages that are not shown, as those of aborted transactions. */
  readonly progressed: () => void;
}

/** How long a broker may wait for messages before it answers, and how much it answers with. */
const MAX_WAIT_MS = 100;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a partition from its beginning, committed records only, until `take` resolves to true. Rejects with what went
 * wrong, or when the signal aborts.
 */
export async function readPartition(
  kafka: KafkaClient,
  options: PartitionOptions,
  taker: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  const reader = createClusterReader(kafka, options.topic);
  if (reader === null) await readInGroup(kafka, options, taker, signal);
  else await readDirectly(reader, options, taker, signal);
}

async function readDirectly(
  reader: ClusterReader,
  { partition }: PartitionOptions,
  { take, progressed }: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  try {
    await abortable(reader.connect(), signal);
    const beginning = await abortable(reader.offsetsAt('beginning', [partition]), signal);
    let next = beginning.get(partition) ?? 0n;
    progressed();
    for (;;) {
      const fetched = await abortable(reader.fetch(partition, next, MAX_BYTES), signal);
      // A broker answers so where it limits how fast is read; kafkajs waits as long as it was told.
      if (fetched === undefined) continue;
      const { messages, lastStableOffset } = fetched;
      const from = next;
      const wanted = messages.filter(({ offset }) => BigInt(offset) >= from);
      const last = wanted.at(-1);
      if (last !== undefined) next = BigInt(last.offset) + 1n;
      // A batch of which compaction has left nothing, or nothing that was asked for.
      else if (next < BigInt(lastStableOffset)) next += 1n;
      else continue;
      progressed();
      const shown = wanted.filter(({ isControlRecord }) => !isControlRecord);
      if (shown.length > 0 && (await abortable(take(shown), signal))) return;
    }
  } finally {
    reader.disconnect();
  }
}

/** As a consumer group of its own, which is left and removed again. */
async function readInGroup(
  kafka: KafkaClient,
  { topic, partition, groupPrefix }: PartitionOptions,
  { take, progressed }: PartitionTaker,
  signal: AbortSignal,
): Promise<void> {
  // Burrow's own list of groups shows it for a moment; by default, groups that begin with burrow- are not followed.
  const groupId = `${groupPrefix}-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytesPerPartition: MAX_BYTES,
    readUncommitted: false,
  });
  try {
    await abortable(consumer.connect(), signal);
    await abortable(consumer.subscribe({ topic, fromBeginning: true }), signal);
    const done = new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
      consumer.on('consumer.group_join', progressed);
      // Emitted for batches, too, of which nothing is shown.
      consumer.on('consumer.end_batch_process', progressed);
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            if (batch.partition === partition && (await take(batch.messages))) resolve();
          },
        })
        .catch(reject);
    });
    await abortable(done, signal);
  } finally {
    void leaveGroup(kafka, consumer, groupId);
  }
}
