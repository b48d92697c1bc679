import { setImmediate as nextTurn } from 'node:timers/promises';
import { explainKafkaError, type KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createKeyPartitioner } from '../../kafka/messages/partition-messages.ts';
import type { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EncodedSample } from '../../records/encoded-sample.ts';
import type { DeliveryReport } from '../sink.ts';
import { createBatchVerdicts } from './batch-verdicts.ts';
import {
  createBatchLimits,
  createPartitionQueue,
  type Completed,
  type PartitionBatch,
  type PartitionQueue,
  type Progress,
  type RefusedSample,
} from './partition-queue.ts';

/** Appends messages to one partition as one batch; resolves to true only when an answer has named that partition. */
export type SendBatch = (partition: number, messages: readonly ProducedMessage[]) => Promise<boolean>;

/** What came of one batch to each partition. */
export interface Round extends Completed {
  /** Whether the brokers have taken a batch. */
  readonly hasArrived: boolean;
  /** What has to pass before the rest is sent; null: nothing. */
  readonly fault: KafkaFault | null;
}

/** The samples of one delivery on their way, in order within each partition. */
export interface BatchDelivery {
  isDone(): boolean;
  /** Sends the next batch to each partition that has something left, and takes what the brokers say of them. */
  sendRound(send: SendBatch): Promise<Round>;
  /** Spreads what is left over so many partitions; to be called before the first round. */
  spreadOver(partitions: number): void;
  /** Begins again with all samples: nothing of them has been written. */
  beginAnew(partitions: number): void;
}

export type BeginDelivery = (samples: readonly EncodedSample[]) => BatchDelivery;

/** Makes the deliveries of one sink. What one learned of the brokers' limits serves the next. */
export function createBatchDeliveries(
  deps: { readonly clock: Clock },
  options: {
    readonly brokers: readonly string[];
    readonly topic: string;
    readonly transactionalId?: string;
    readonly linesPerMessage: number;
  },
): BeginDelivery {
  const { topic, linesPerMessage } = options;
  const limits = createBatchLimits();
  const partitionOf = createKeyPartitioner();
  const verdicts = createBatchVerdicts(deps);

  function queuesOf(progress: readonly Progress[], partitions: number): PartitionQueue[] {
    const queues = new Map<number, PartitionQueue>();
    for (const each of progress) {
      const partition = partitionOf(each.sample.key, partitions);
      const queue = queues.get(partition) ?? createPartitionQueue(partition, { linesPerMessage, limits });
      queues.set(partition, queue);
      queue.add(each);
    }
    return [...queues.values()];
  }

  /** Resolves to null when the brokers have taken the batch. */
  async function attempt(
    send: SendBatch,
    { partition, messages }: PartitionBatch,
  ): Promise<KafkaFault | null> {
    try {
      if (await send(partition, messages)) return null;
      const reason = `partition ${partition} of topic ${topic} is gone: its partitions are read again`;
      return { action: 'renew', cause: 'topic', reason };
    } catch (error) {
      return explainKafkaError(error, options);
    }
  }

  return (samples) => {
    const judge = verdicts.ofDelivery();
    const beginning = (): Progress[] => samples.map((sample) => ({ sample, line: 0, refusedFor: null }));
    let partitions = 1;
    let queues = queuesOf(beginning(), partitions);

    return {
      isDone: () => queues.length === 0,
      async sendRound(send) {
        const attempts: Promise<KafkaFault | null>[] = [];
        for (const queue of queues) {
          attempts.push(attempt(send, queue.batch()));
          // Encoding takes milliseconds: between two batches the event loop gets its turn.
          await nextTurn();
        }
        const faults = await Promise.all(attempts);
        const arrived: EncodedSample[] = [];
        const refused: RefusedSample[] = [];
        function complete(completed: Completed): void {
          arrived.push(...completed.arrived);
          refused.push(...completed.refused);
        }
        for (const [index, queue] of queues.entries()) {
          if (faults[index] !== null) continue;
          verdicts.arrived();
          complete(queue.arrived());
        }
        // What the brokers take at the same time tells something about what they do not take.
        let deciding: KafkaFault | null = null;
        for (const [index, queue] of queues.entries()) {
          const fault = faults[index] ?? null;
          if (fault === null) continue;
          const verdict = judge(queue, fault);
          if ('completed' in verdict) complete(verdict.completed);
          else if (deciding?.action !== 'renew') deciding = verdict.fault;
        }
        queues = queues.filter((queue) => !queue.isDone());
        return { arrived, refused, hasArrived: faults.includes(null), fault: deciding };
      },
      spreadOver(count) {
        if (count === partitions) return;
        partitions = count;
        const remaining = queues.flatMap((queue) => queue.remaining());
        queues = queuesOf(remaining, count);
      },
      beginAnew(count) {
        partitions = count;
        queues = queuesOf(beginning(), count);
      },
    };
  };
}

/** Tells of what was completed. */
export function reportCompleted(
  { arrived, refused }: Completed,
  report: Pick<DeliveryReport, 'acknowledged' | 'refused'>,
): void {
  if (arrived.length > 0) report.acknowledged(arrived);
  for (const { sample, reason } of refused) report.refused([sample], reason);
}
