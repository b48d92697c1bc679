import type { Logger } from 'pino';
import { readLedgerKey } from '../ledger-key.ts';
import type { Ledger, LedgerContents } from '../ledger.ts';
import { abortable, within } from '../../platform/abortable.ts';
import type { Clock, Scheduler } from '../../platform/clock.ts';
import type { Part } from '../../platform/part.ts';
import { retry } from '../../platform/retry.ts';
import type { FaultBook } from '../../platform/condition-tracker.ts';
import { hasCode } from '../../platform/rainbow-error.ts';
import { createKafkaClient } from '../../kafka/kafka-client.ts';
import { createKafkaLinkKeeper, kafkaRetry, ledgerRetry, type KafkaLink } from '../../kafka/kafka-link.ts';
import type { KafkaConnectionOptions } from '../../kafka/kafka-options.ts';
import { createKafkaProducer } from '../../kafka/kafka-producer.ts';
import { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import { LEDGER_PARTITION, NO_TIMESTAMP, unnamed } from './ledger-messages.ts';
import { createLedgerCondition } from './ledger-condition.ts';
import { createLedgerSigns } from './ledger-signs.ts';
import { ensureLedgerTopic, isLedgerFault, logLedgerAdvice } from './ledger-topic.ts';
import { createLedgerQueue } from './ledger-queue.ts';
import { createLedgerWriter } from './ledger-writer.ts';
import { unnumbered } from '../../kafka/messages/producer-numbers.ts';
import { readLedgerTopic } from './read-topic.ts';

/** A ledger in Kafka. */
export interface KafkaLedger extends Ledger, Part {
  /**
   * Resolves when it has been read once, or when it is known that it cannot be read: writing before that would hide the
   * spans of a former process. Gives the value that it had under `markKey` then.
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
  /** Where the processes of a source keep the numbers that they write under. */
  readonly writerKey?: string;
  /** How long `write` waits for a ledger that does not answer. Default 15 s. */
  readonly patienceMs?: number;
}

/** How long records wait for the entries that must be written before them: longer than a leader takes to move. */
const PATIENCE_MS = 15_000;
/** How long a stop tries to write what could not be written before. */
const LAST_WRITE_MS = 5000;
/** How long records wait for a ledger of which a part cannot be read: longer than transactions last. */
const UNREADABLE_MS = 5 * 60_000;

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
  const life = new AbortController();
  let adviceGiven: Promise<void> | null = null;
  let hasConnected = false;
  const refusals = new Set<(error: unknown) => void>();
  let mayWrite: (mark: string | undefined) => void = () => undefined;
  /** What is written before it was read would hide what a former process left. */
  const readOnce = new Promise<string | undefined>((resolve) => (mayWrite = resolve));
  const keeper = createKafkaLinkKeeper({
    scheduler,
    random,
    retry: ledgerRetry,
    createProducer() {
      const producer = createKafkaProducer(kafka, {
        topic,
        compression: 'gzip',
        ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
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
      condition.works('connecting');
    },
    onFailed(error, failures) {
      // Brokers restart every day: it is a fault only when the next attempt fails, too.
      if (failures > 1 || !hasConnected) {
        condition.failed('connecting', error);
        // Whether what is being written arrives is another question.
        if (queue.isBusy()) condition.failed('writing');
      }
      if (!isLedgerFault(error)) return;
      for (const refuse of [...refusals]) refuse(error);
      queue.goOnWithout();
    },
  });
  const writer = createLedgerWriter(
    {
      ...deps,
      ready: (signal) => keeper.ready(signal),
      renew: (link) => keeper.renew(link),
      onArrived: () => condition.works('connecting', 'writing'),
      onFailed(error, failures) {
        if (failures > 1 || isLedgerFault(error)) condition.failed('writing', error);
        if (isLedgerFault(error)) queue.goOnWithout();
      },
      onFenced: () => signs.fenced(),
    },
    context,
  );
  const queue = createLedgerQueue(
    {
      scheduler,
      async append(entries) {
        await abortable(readOnce, life.signal);
        await writer.append(entries, 'entries', life.signal);
      },
      onPatienceOver: () => condition.failed('writing'),
    },
    { patienceMs: options.patienceMs ?? PATIENCE_MS },
  );

  const signs = createLedgerSigns(writer, { writerKey: options.writerKey ?? '' });
  const condition = createLedgerCondition({ ...deps, isLeftBehind: () => queue.isLeftBehind() }, context);

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

  async function readTopic(
    signal: AbortSignal,
    how: Pick<Parameters<typeof readLedgerTopic>[0], 'keeps' | 'succeed'> = {},
  ): Promise<LedgerContents> {
    const { producer } = await ready(signal);
    const append = async (key: Buffer): Promise<void> => {
      const message = new ProducedMessage(key, NO_TIMESTAMP, null);
      if (!(await producer.send(LEDGER_PARTITION, [message], unnumbered))) throw unnamed(topic);
    };
    return readLedgerTopic({ kafka, append, ...how }, options, signal);
  }

  return {
    name: 'ledger',
    isShared: true,
    start() {
      keeper.start();
      return Promise.resolve();
    },
    async stop(signal) {
      await signs.stop(signal);
      await within(LAST_WRITE_MS, signal, (last) => abortable(queue.emptied(), last)).catch(() => undefined);
      life.abort(new Error('the ledger is stopped'));
      await keeper.stop(signal);
    },
    read: (signal, onRefused) => readUntilDone(signal, onRefused, () => true),
    readKeys: (signal) => readUntilDone(signal, () => undefined, isOfSource),
    write: (entries, signal) => queue.write(entries, signal),
    async beat(key, value, signal) {
      await abortable(readOnce, signal);
      return signs.beat(key, value, AbortSignal.any([signal, life.signal]));
    },
    condition: () => condition.current(),
    readOnce: (signal) => abortable(readOnce, signal),
    readNow: (signal) => readTopic(signal),
  };

  async function readUntilDone(
    signal: AbortSignal,
    onRefused: () => void,
    keeps: (key: string) => boolean,
  ): Promise<LedgerContents> {
    const sinceMs = clock.nowMs();
    return retry(
      { scheduler, random },
      kafkaRetry,
      signal,
      async () => {
        await ready(signal);
        await deps.beforeReading?.(signal);
        const contents = await readTopic(signal, {
          keeps,
          succeed: (entries, endKey) => signs.succeedFormer(entries, endKey, life.signal),
        });
        adviceGiven ??= logLedgerAdvice(kafka, log, topic).catch(() => undefined);
        condition.works('connecting', 'reading');
        queue.catchUp();
        mayWrite(contents.entries.get(options.markKey ?? ''));
        return contents;
      },
      (error) => {
        condition.failed('reading', error);
        const isStuck = hasCode(error, 'LEDGER_UNFINISHED') && clock.nowMs() - sinceMs > UNREADABLE_MS;
        if (isStuck || isLedgerFault(error)) {
          mayWrite(undefined);
          queue.goOnWithout();
          onRefused();
        }
      },
    );
  }
}

/** A sign, a claim, a mark: whatever a source has one of. */
function isOfSource(key: string): boolean {
  const read = readLedgerKey(key);
  return read !== null && read.holds !== 'entry';
}
