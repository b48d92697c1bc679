import type { Logger } from 'pino';
import type { Ledger, LedgerContents } from '../../ledger/ledger.ts';
import { abortable } from '../../platform/abortable.ts';
import { sleep, type Clock, type Scheduler } from '../../platform/clock.ts';
import type { Part } from '../../platform/part.ts';
import { retryDelayMs } from '../../platform/retry-delay.ts';
import { createConditionTracker, type FaultBook } from '../condition-tracker.ts';
import { createKafkaClient } from './kafka-client.ts';
import { explainKafkaError } from './kafka-fault.ts';
import { createKafkaLinkKeeper, kafkaRetry, type KafkaLink } from './kafka-link.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';
import { createKafkaProducer } from './kafka-producer.ts';
import { ProducedMessage } from './produced-message.ts';
import { LEDGER_PARTITION, sendLedger, toLedgerMessages } from './ledger-messages.ts';
import { ensureLedgerTopic, ledgerTopicFault, LedgerTopicError } from './ledger-topic.ts';
import { readLedgerTopic, UnfinishedTopicError } from './read-topic.ts';

/** A ledger in Kafka. */
export interface KafkaLedger extends Ledger, Part {
  /**
   * Resolves when it has been read once, or may not be: writing before that would hide what a former process left.
   * Gives the value that it had under `markKey` then.
   */
  readOnce(signal: AbortSignal): Promise<string | undefined>;
  /** Reads all of it, in one attempt; rejects with what went wrong. */
  readNow(signal: AbortSignal): Promise<LedgerContents>;
}

export interface KafkaLedgerOptions extends KafkaConnectionOptions {
  /** Compacted; created where it is missing. */
  readonly topic: string;
  /** The topic of the records, whose replication it takes. */
  readonly recordsTopic: string;
  /** Where transactions leave their marks. */
  readonly markKey?: string;
}

/** A ledger that refuses to be written is tried again at most so often. */
const RETRY_REFUSED_MS = 10_000;
/** For so long records wait for a ledger that has something in it which cannot be read: longer than transactions last. */
const UNREADABLE_MS = 5 * 60_000;

/** Error types that tell of the ledger's topic and not of the brokers: then delivery goes on without it. */
const ownFaults = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
  'POLICY_VIOLATION',
]);

/**
 * A ledger in a compacted Kafka topic, so that a fresh container finds what the one before left open. Writing waits
 * until it has been read once, or until it has turned out that it may not be read.
 */
export function createKafkaLedger(
  deps: {
    readonly clock: Clock;
    readonly scheduler: Scheduler;
    readonly log: Logger;
    readonly faults?: FaultBook | undefined;
    /** In [0, 1). */
    readonly random: () => number;
    /** What has to be waited for before it is read; default: nothing. */
    readonly beforeReading?: (signal: AbortSignal) => Promise<void>;
  },
  options: KafkaLedgerOptions,
): KafkaLedger {
  const { clock, scheduler, log, random } = deps;
  const { topic } = options;
  const context = { brokers: options.brokers, topic };
  const kafka = createKafkaClient(deps, options);
  /** What could not be written, newest value by key. */
  const missed = new Map<string, string | null>();
  const condition = createConditionTracker(deps, 'ledger of open spans');
  let hasConnected = false;
  let isConnectFaulty = false;
  /** Writes under way. */
  let writing = 0;
  let refusedAtMs = -Infinity;
  let turn: Promise<void> = Promise.resolve();
  const refusals = new Set<(error: unknown) => void>();
  let mayWrite: (mark: string | undefined) => void = () => undefined;
  /** What is written before it was read would hide what a former process left. */
  const readOnce = new Promise<string | undefined>((resolve) => (mayWrite = resolve));
  const keeper = createKafkaLinkKeeper({
    scheduler,
    random,
    createProducer() {
      const producer = createKafkaProducer(kafka, {
        topic,
        compression: 'gzip',
        allowAutoTopicCreation: false,
      });
      return {
        ...producer,
        async connect() {
          await ensureLedgerTopic(kafka, deps, options);
          await producer.connect();
        },
      };
    },
    onConnected() {
      hasConnected = true;
      // Whether what is being written arrives is another question.
      if (isConnectFaulty && writing === 0) condition.ok();
      isConnectFaulty = false;
    },
    onFailed(error, failures) {
      // A broker that has just gone is everyday life: only what the next attempt does not cure is a fault.
      if (failures > 1 || !hasConnected) {
        isConnectFaulty = true;
        faulty(error);
      }
      if (isOwnFault(error)) for (const refuse of [...refusals]) refuse(error);
    },
  });

  function faulty(error: unknown): void {
    const { reason, cause } = explainKafkaError(error, context);
    condition.faulty(
      `the ledger of open spans does not work, what is open at a crash may stay open: ${reason}`,
      cause,
    );
  }

  /** The link; rejects with a fault of the ledger's own. */
  async function ready(signal: AbortSignal): Promise<KafkaLink> {
    let refuse: (error: unknown) => void = () => undefined;
    const refused = new Promise<never>((_, reject) => (refuse = reject));
    refusals.add(refuse);
    try {
      return await Promise.race([keeper.ready(signal), refused]);
    } finally {
      refusals.delete(refuse);
    }
  }

  async function readNow(signal: AbortSignal): Promise<LedgerContents> {
    const { producer } = await ready(signal);
    const append = async (key: Buffer): Promise<void> => {
      const message = new ProducedMessage(key, String(clock.nowMs()), null);
      if (await producer.send(LEDGER_PARTITION, [message])) return;
      throw new Error(`the answer did not name partition ${LEDGER_PARTITION} of topic ${topic}`);
    };
    return readLedgerTopic({ kafka, append }, options, signal);
  }

  async function send(messages: readonly ProducedMessage[], signal: AbortSignal): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      const link = await ready(signal);
      try {
        await sendLedger(
          { log, append: (batch) => abortable(link.producer.send(LEDGER_PARTITION, batch), signal) },
          messages,
          context,
        );
        condition.ok();
        return;
      } catch (error) {
        signal.throwIfAborted();
        // What was written is written again, under a new producer id: entries may repeat, sequence numbers must not.
        keeper.renew(link);
        if (isOwnFault(error)) throw error;
        if (failures > 1) faulty(error);
        await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
      }
    }
  }

  async function write(entries: ReadonlyMap<string, string | null>, signal: AbortSignal): Promise<void> {
    await abortable(readOnce, signal);
    for (const [key, value] of entries) missed.set(key, value);
    if (clock.nowMs() - refusedAtMs < RETRY_REFUSED_MS) return;
    writing += 1;
    try {
      await send(toLedgerMessages(missed, clock.nowMs()), signal);
      missed.clear();
    } catch (error) {
      signal.throwIfAborted();
      refusedAtMs = clock.nowMs();
      faulty(error);
    } finally {
      writing -= 1;
    }
  }

  return {
    name: 'ledger',
    isShared: true,
    start() {
      keeper.open();
      return Promise.resolve();
    },
    stop: (signal) => keeper.close(signal),
    async read(signal, onRefused) {
      const sinceMs = clock.nowMs();
      for (let failures = 1; ; failures += 1) {
        try {
          await ready(signal);
          await deps.beforeReading?.(signal);
          const contents = await readNow(signal);
          await warnOfSetUp();
          condition.ok();
          mayWrite(contents.entries.get(options.markKey ?? ''));
          return contents;
        } catch (error) {
          signal.throwIfAborted();
          faulty(error);
          const isStuck = error instanceof UnfinishedTopicError && clock.nowMs() - sinceMs > UNREADABLE_MS;
          if (isStuck || isOwnFault(error)) {
            mayWrite(undefined);
            onRefused();
          }
          await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
        }
      }
    },
    write(entries, signal) {
      const written = turn.then(() => write(entries, signal));
      turn = written.catch(() => undefined);
      return abortable(written, signal);
    },
    condition: () => condition.current(),
    readOnce: (signal) => abortable(readOnce, signal),
    readNow,
  };

  async function warnOfSetUp(): Promise<void> {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const fault = await ledgerTopicFault(admin, topic);
      if (fault !== null)
        log.warn({ topic, fault }, 'The topic of the ledger should be set up in another way');
    } finally {
      await admin.disconnect();
    }
  }
}

function isOwnFault(error: unknown): boolean {
  for (let link: unknown = error; link instanceof Error; link = link.cause) {
    if (link instanceof LedgerTopicError) return true;
    if ('type' in link && ownFaults.has(String(link.type))) return true;
  }
  return false;
}
