import type { Logger } from 'pino';
import { readLedgerKey } from '../ledger-key.ts';
import type { Ledger, LedgerContents } from '../ledger.ts';
import { abortable } from '../../platform/abortable.ts';
import { sleep, type Clock, type Scheduler } from '../../platform/clock.ts';
import type { Part } from '../../platform/part.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { createConditionTracker, type FaultBook } from '../../platform/condition-tracker.ts';
import { createKafkaClient } from '../../kafka/kafka-client.ts';
import { explainKafkaError, silenceFault, type KafkaFault } from '../../kafka/faults/kafka-fault.ts';
import { createKafkaLinkKeeper, kafkaRetry, ledgerRetry, type KafkaLink } from '../../kafka/kafka-link.ts';
import type { KafkaConnectionOptions } from '../../kafka/kafka-options.ts';
import { createKafkaProducer } from '../../kafka/kafka-producer.ts';
import { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import { LEDGER_PARTITION, NO_TIMESTAMP } from './ledger-messages.ts';
import { adviseOnLedgerTopic, ensureLedgerTopic, isLedgerFault } from './ledger-topic.ts';
import { createLedgerQueue } from './ledger-queue.ts';
import { createLedgerWriter, unnamed, type SharedNumbers } from './ledger-writer.ts';
import { unnumbered } from '../../kafka/messages/producer-numbers.ts';
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
  /** Where the processes of a source keep the numbers that they write under. */
  readonly writerKey?: string;
  /** So long `write` waits for a ledger that does not answer. Default 15 s. */
  readonly patienceMs?: number;
}

/** For so long records wait for what is to be entered before them: longer than a leader takes to move. */
const PATIENCE_MS = 15_000;
/** At the end, for so long what could not be written is tried. */
const LAST_WRITE_MS = 5000;
/** For so long records wait for a ledger that has something in it which cannot be read: longer than transactions last. */
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
  const { writerKey = '' } = options;
  const life = new AbortController();
  let fences = 0;
  let adviceGiven: Promise<void> | null = null;
  /** The latest fault; until there is one, that the brokers have not answered in time. */
  let fault: Pick<KafkaFault, 'reason' | 'cause'> = silenceFault(context);
  const condition = createConditionTracker(deps, 'ledger of open spans');
  let hasConnected = false;
  let isConnectFaulty = false;
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
      // Whether what is being written arrives is another question.
      if (isConnectFaulty && !queue.isBusy()) condition.ok();
      isConnectFaulty = false;
    },
    onFailed(error, failures) {
      // A broker that has just gone is everyday life: only what the next attempt does not cure is a fault.
      if (failures > 1 || !hasConnected) {
        isConnectFaulty = true;
        faulty(error);
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
      onArrived() {
        fault = silenceFault(context);
        condition.ok();
      },
      onFailed(error, failures) {
        if (failures > 1 || isLedgerFault(error)) faulty(error);
        if (isLedgerFault(error)) queue.goOnWithout();
      },
      onFenced: () => (fences += 1),
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
      onPatienceOver: tellFault,
    },
    { patienceMs: options.patienceMs ?? PATIENCE_MS },
  );

  function faulty(error: unknown): void {
    fault = explainKafkaError(error, context);
    tellFault();
  }

  function tellFault(): void {
    const without = queue.isLeftBehind() ? 'records go on without it, and ' : '';
    condition.faulty(
      `the ledger of open spans does not work, ${without}what is open at a crash may stay open: ${fault.reason}`,
      fault.cause,
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

  /**
   * Goes on with the numbers of the process before: what that has sent and the network delivers only now is refused
   * from here on, and what it delivered before is still read.
   */
  async function succeedFormer(entries: ReadonlyMap<string, string>, endKey: string): Promise<boolean> {
    const former = readSharedNumbers(entries.get(writerKey));
    if (former === null || writer.shared() !== null) return false;
    writer.succeed(former);
    await writer.append(new Map([[endKey, null]]), 'entries', life.signal);
    return true;
  }

  /** A sign tells which numbers it was written under, so that the next process of the source goes on with them. */
  async function beat(
    key: string,
    value: string,
    signal: AbortSignal,
  ): Promise<{ readonly isContested: boolean }> {
    await abortable(readOnce, signal);
    const stop = AbortSignal.any([signal, life.signal]);
    for (;;) {
      const told = writer.shared();
      const numbers =
        told === null || writerKey === '' ? [] : [[writerKey, writeSharedNumbers(told)] as const];
      await writer.append(new Map([[key, value], ...numbers]), 'sign', stop);
      const now = writer.shared();
      if (told?.producerId === now?.producerId && told?.epoch === now?.epoch) break;
    }
    const isContested = fences > 0;
    fences = 0;
    return { isContested };
  }

  return {
    name: 'ledger',
    isShared: true,
    start() {
      keeper.open();
      return Promise.resolve();
    },
    async stop(signal) {
      const last = AbortSignal.any([signal, AbortSignal.timeout(LAST_WRITE_MS)]);
      await abortable(queue.emptied(), last).catch(() => undefined);
      life.abort(new Error('the ledger is stopped'));
      await keeper.close(signal);
    },
    read: (signal, onRefused) => readUntilDone(signal, onRefused, () => true),
    readKeys: (signal) => readUntilDone(signal, () => undefined, isOfSource),
    write: (entries, signal) => queue.write(entries, signal),
    beat,
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
    for (let failures = 1; ; failures += 1) {
      try {
        await ready(signal);
        await deps.beforeReading?.(signal);
        const contents = await readTopic(signal, { keeps, succeed: succeedFormer });
        adviceGiven ??= advise().catch(() => undefined);
        condition.ok();
        queue.catchUp();
        mayWrite(contents.entries.get(options.markKey ?? ''));
        return contents;
      } catch (error) {
        signal.throwIfAborted();
        faulty(error);
        const isStuck = error instanceof UnfinishedTopicError && clock.nowMs() - sinceMs > UNREADABLE_MS;
        if (isStuck || isLedgerFault(error)) {
          mayWrite(undefined);
          queue.goOnWithout();
          onRefused();
        }
        await sleep(scheduler, retryDelayMs(failures, kafkaRetry, random()), signal);
      }
    }
  }

  /** Says once what should be changed about the topic; nothing depends on it. */
  async function advise(): Promise<void> {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const advice = await adviseOnLedgerTopic(admin, topic);
      if (advice === null) return;
      log.warn({ topic, fault: advice.text }, 'The topic of the ledger should be set up in another way');
    } finally {
      await admin.disconnect();
    }
  }
}

/** A sign, a claim, a mark: whatever a source has one of. */
function isOfSource(key: string): boolean {
  const read = readLedgerKey(key);
  return read !== null && read.holds !== 'entry';
}

function writeSharedNumbers({ producerId, epoch }: SharedNumbers): string {
  return JSON.stringify({ v: 1, producerId: String(producerId), epoch });
}

/** Null where there are none, or where they are not understood. */
function readSharedNumbers(value: string | undefined): SharedNumbers | null {
  const match = /^\{"v":1,"producerId":"(\d{1,18})","epoch":(\d{1,5})\}$/.exec(value ?? '');
  return match === null ? null : { producerId: BigInt(match[1] ?? 0), epoch: Number(match[2]) };
}
