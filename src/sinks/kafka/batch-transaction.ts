import type { Logger } from 'pino';
import type { EntryWriter } from '../../ledger/ledger-entry.ts';
import { sleep, type Clock, type Scheduler } from '../../platform/clock.ts';
import type { EncodedSample } from '../../records/encoded-sample.ts';
import { changesByKey } from '../ledgered-sink.ts';
import { explainKafkaError, hasErrorType } from '../../kafka/faults/kafka-fault.ts';
import type { KafkaLink } from '../../kafka/kafka-link.ts';
import type { KafkaSinkOptions } from '../../kafka/kafka-options.ts';
import { createKeyPartitioner } from '../../kafka/messages/key-partitioner.ts';
import { LEDGER_PARTITION, sendLedger, toLedgerMessages } from '../../ledger/kafka/ledger-messages.ts';
import type { KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createBatchVerdicts, type JudgeBatch } from './batch-verdicts.ts';
import {
  createBatchLimits,
  createPartitionBatches,
  type Completed,
  type PartitionBatch,
  type RefusedSample,
} from './partition-batches.ts';
import type { KafkaTransaction, TransactionalProducer } from '../../kafka/transactional-producer.ts';

export interface BatchTransactionDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly writer: EntryWriter;
}

export interface BatchTransactionOptions extends KafkaSinkOptions {
  readonly ledgerTopic: string;
  readonly transactionalId: string;
  /** Key of the ledger under which each transaction leaves its mark. */
  readonly markKey: string;
}

/** What came of one transaction. */
export type TransactionOutcome =
  | {
      readonly state: 'committed';
      readonly completed: Completed;
    }
  | { readonly state: 'failed'; readonly error: unknown }
  /** The commit was sent and not answered. */
  | { readonly state: 'unsure'; readonly error: unknown; readonly completed: Completed };

/** Writes the samples of one batch, what they change in the ledger, and a mark in one transaction; one attempt. */
export interface BatchTransaction {
  /** Of one delivery, which may take several attempts. */
  ofDelivery(): (
    link: KafkaLink<TransactionalProducer>,
    samples: readonly EncodedSample[],
    mark: string,
    signal: AbortSignal,
  ) => Promise<TransactionOutcome>;
}

/** So long the brokers may take to finish the transaction before. */
const CONCURRENT_PATIENCE_MS = 10_000;
const CONCURRENT_RETRY_MS = 4;
export function createBatchTransaction(
  deps: BatchTransactionDeps,
  options: BatchTransactionOptions,
): BatchTransaction {
  const { clock, scheduler, log, writer } = deps;
  const { topic, ledgerTopic, markKey } = options;
  const limits = createBatchLimits();
  const partitionOf = createKeyPartitioner();
  const verdicts = createBatchVerdicts(deps);

  /** The mark goes first and alone: while the brokers finish the transaction before, it is refused and sent again. */
  async function begin(
    { producer }: KafkaLink<TransactionalProducer>,
    mark: string,
    signal: AbortSignal,
  ): Promise<KafkaTransaction> {
    const transaction = await producer.begin();
    const messages = toLedgerMessages(new Map([[markKey, mark]]));
    const untilMs = clock.nowMs() + CONCURRENT_PATIENCE_MS;
    for (;;) {
      try {
        await sendOrThrow(transaction, ledgerTopic, LEDGER_PARTITION, messages);
        return transaction;
      } catch (error) {
        if (!hasErrorType(error, 'CONCURRENT_TRANSACTIONS') || clock.nowMs() > untilMs) throw error;
        await sleep(scheduler, CONCURRENT_RETRY_MS, signal);
      }
    }
  }

  async function transact(
    judge: JudgeBatch,
    link: KafkaLink<TransactionalProducer>,
    samples: readonly EncodedSample[],
    mark: string,
    signal: AbortSignal,
  ): Promise<TransactionOutcome> {
    const arrived: EncodedSample[] = [];
    const refused: RefusedSample[] = [];
    let isCommitting = false;
    const complete = (completed: Completed): void => {
      arrived.push(...completed.arrived);
      refused.push(...completed.refused);
    };
    try {
      const transaction = await begin(link, mark, signal);
      const partitionBatches = createPartitionBatches(
        samples.map((sample) => ({ sample, line: 0, refusedFor: null })),
        {
          partitionOf: (key) => partitionOf(key, link.partitions),
          linesPerMessage: options.linesPerMessage,
          limits,
        },
      );
      while (!partitionBatches.done()) {
        const batches = partitionBatches.current();
        const errors = await Promise.all(batches.map((batch) => sendBatch(transaction, batch)));
        for (const [index, batch] of batches.entries()) {
          if (errors[index] !== null) continue;
          verdicts.arrived();
          complete(partitionBatches.arrived(batch));
        }
        for (const [index, batch] of batches.entries()) {
          const error = errors[index];
          if (error === null || error === undefined) continue;
          const verdict = judge(partitionBatches, batch, error.fault);
          if ('fault' in verdict) throw error.thrown;
          complete(verdict.completed);
        }
      }
      await enter(transaction, samples);
      signal.throwIfAborted();
      isCommitting = true;
      await transaction.commit();
      return { state: 'committed', completed: { arrived, refused } };
    } catch (error) {
      return isCommitting
        ? { state: 'unsure', error, completed: { arrived, refused } }
        : { state: 'failed', error };
    }
  }

  /** Null when the brokers have taken it. */
  async function sendBatch(
    transaction: KafkaTransaction,
    batch: PartitionBatch,
  ): Promise<{ readonly thrown: unknown; readonly fault: KafkaFault } | null> {
    try {
      await sendOrThrow(transaction, topic, batch.partition, batch.messages);
      return null;
    } catch (error) {
      return { thrown: error, fault: explainKafkaError(error, options) };
    }
  }

  async function enter(transaction: KafkaTransaction, samples: readonly EncodedSample[]): Promise<void> {
    const entries = new Map<string, string | null>();
    for (const [key, changes] of changesByKey(samples)) {
      const last = changes.at(-1);
      if (last !== undefined) entries.set(key, writer.settled(last));
    }
    await sendLedger(
      { log, append: (batch) => transaction.send(ledgerTopic, LEDGER_PARTITION, batch) },
      toLedgerMessages(entries),
      { ...options, topic: ledgerTopic },
    );
  }

  return {
    ofDelivery() {
      const judge = verdicts.ofDelivery();
      return (...attempt) => transact(judge, ...attempt);
    },
  };
}

async function sendOrThrow(
  transaction: KafkaTransaction,
  topic: string,
  partition: number,
  messages: Parameters<KafkaTransaction['send']>[2],
): Promise<void> {
  if (await transaction.send(topic, partition, messages)) return;
  throw new Error(`the answer did not name partition ${partition} of topic ${topic}`);
}
