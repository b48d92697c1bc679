import type { Logger } from 'pino';
import type { EntryWriter } from '../../ledger/ledger-entry.ts';
import { sleep, type Clock, type Scheduler } from '../../platform/clock.ts';
import { RainbowError } from '../../platform/rainbow-error.ts';
import type { EncodedSample } from '../../records/encoded-sample.ts';
import { changesByKey } from '../ledgered-sink.ts';
import { explainKafkaError, hasErrorType } from '../../kafka/faults/kafka-fault.ts';
import type { KafkaLink } from '../../kafka/kafka-link.ts';
import type { KafkaSinkOptions } from '../../kafka/kafka-options.ts';
import { LEDGER_PARTITION, sendLedger, toLedgerMessages } from '../../ledger/kafka/ledger-messages.ts';
import type { KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createBatchDeliveries, type BatchDelivery } from './batch-delivery.ts';
import type { Completed, RefusedSample } from './partition-queue.ts';
import type { KafkaTransaction, TransactionalProducer } from '../../kafka/transactional-producer.ts';

export interface DeliveryTransactionDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
  readonly writer: EntryWriter;
}

export interface DeliveryTransactionOptions extends KafkaSinkOptions {
  readonly ledgerTopic: string;
  readonly transactionalId: string;
  /** Key of the ledger under which each transaction leaves its mark. */
  readonly markKey: string;
}

/** What came of one transaction. */
export type TransactionOutcome =
  | { readonly state: 'committed'; readonly completed: Completed }
  | { readonly state: 'failed'; readonly fault: KafkaFault }
  /** The commit was sent and not answered. */
  | { readonly state: 'unsure'; readonly fault: KafkaFault; readonly completed: Completed };

/** Writes the samples of a delivery, what they change in the ledger, and a mark in one transaction; one attempt. */
export type DeliveryTransaction = (
  link: KafkaLink<TransactionalProducer>,
  signal: AbortSignal,
) => Promise<TransactionOutcome>;

/** How long the brokers may take to finish the transaction before. */
const CONCURRENT_PATIENCE_MS = 10_000;
const CONCURRENT_RETRY_MS = 4;

/** Makes the transaction of each delivery of one sink, which may take several attempts. */
export function createDeliveryTransactions(
  deps: DeliveryTransactionDeps,
  options: DeliveryTransactionOptions,
): (samples: readonly EncodedSample[], mark: string) => DeliveryTransaction {
  const { clock, scheduler, log, writer } = deps;
  const { topic, ledgerTopic, markKey } = options;
  const beginDelivery = createBatchDeliveries(deps, options);

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
        if (await transaction.send(ledgerTopic, LEDGER_PARTITION, messages)) return transaction;
        throw new RainbowError(
          'KAFKA_ANSWER',
          `the answer did not name partition ${LEDGER_PARTITION} of topic ${ledgerTopic}`,
        );
      } catch (error) {
        if (!hasErrorType(error, 'CONCURRENT_TRANSACTIONS') || clock.nowMs() > untilMs) throw error;
        await sleep(scheduler, CONCURRENT_RETRY_MS, signal);
      }
    }
  }

  async function transact(
    delivery: BatchDelivery,
    samples: readonly EncodedSample[],
    mark: string,
    link: KafkaLink<TransactionalProducer>,
    signal: AbortSignal,
  ): Promise<TransactionOutcome> {
    const arrived: EncodedSample[] = [];
    const refused: RefusedSample[] = [];
    let isCommitting = false;
    try {
      const transaction = await begin(link, mark, signal);
      delivery.beginAnew(link.partitions);
      while (!delivery.isDone()) {
        const round = await delivery.sendRound((...batch) => transaction.send(topic, ...batch));
        if (round.fault !== null) return { state: 'failed', fault: round.fault };
        arrived.push(...round.arrived);
        refused.push(...round.refused);
      }
      await enter(transaction, samples);
      signal.throwIfAborted();
      isCommitting = true;
      await transaction.commit();
      return { state: 'committed', completed: { arrived, refused } };
    } catch (error) {
      const fault = explainKafkaError(error, options);
      return isCommitting
        ? { state: 'unsure', fault, completed: { arrived, refused } }
        : { state: 'failed', fault };
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

  return (samples, mark) => {
    const delivery = beginDelivery(samples);
    return (link, signal) => transact(delivery, samples, mark, link, signal);
  };
}
