import type { Scheduler } from '../platform/clock.ts';
import { retry, type RetryDelayOptions } from '../platform/retry.ts';
import { abortable } from '../platform/abortable.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import type { KafkaProducer } from './kafka-producer.ts';

/** What a link needs of a producer. */
export type LinkedProducer = Pick<KafkaProducer, 'connect' | 'partitionCount' | 'disconnect'>;

/** A connected producer. */
export interface KafkaLink<P extends LinkedProducer = KafkaProducer> {
  readonly producer: P;
  /** Partitions of the topic when this link was made; a key keeps its partition for as long as the link lasts. */
  readonly partitions: number;
}

/** Keeps one link to the brokers. It is made in the background, with as many attempts as it takes. */
export interface KafkaLinkKeeper<P extends LinkedProducer = KafkaProducer> {
  /** Begins to connect, unless that is done or under way. */
  start(): void;
  /** The link, once there is one; rejects when the signal aborts. */
  ready(signal: AbortSignal): Promise<KafkaLink<P>>;
  /** Replaces this link, if it is still the current one, by another with a new producer id. */
  renew(link: KafkaLink<P>): void;
  stop(signal: AbortSignal): Promise<void>;
}

export interface KafkaLinkDeps<P extends LinkedProducer = KafkaProducer> {
  readonly scheduler: Scheduler;
  readonly createProducer: () => P;
  readonly onConnected: () => void;
  /** @param failures in a row, this one included */
  readonly onFailed: (error: unknown, failures: number) => void;
  /** In [0, 1). */
  readonly random: () => number;
  /** Between attempts to connect; default {@link kafkaRetry}. */
  readonly retry?: RetryDelayOptions;
}

export const kafkaRetry = { initialMs: 250, maxMs: 10_000 };
/** For a ledger: records may go on without it, and the spans they open are not remembered until it works again. */
export const ledgerRetry = { initialMs: 250, maxMs: 2000 };

export function createKafkaLinkKeeper<P extends LinkedProducer>(deps: KafkaLinkDeps<P>): KafkaLinkKeeper<P> {
  const life = new AbortController();
  let producer: P | null = null;
  let pending: Promise<KafkaLink<P>> | null = null;
  let current: KafkaLink<P> | null = null;

  async function connect(): Promise<KafkaLink<P>> {
    const fresh = deps.createProducer();
    producer = fresh;
    // The same producer each time: it tries the next broker of its list.
    const attempt = async (): Promise<KafkaLink<P>> => {
      await fresh.connect();
      const partitions = await fresh.partitionCount();
      if (partitions === 0) throw new RainbowError('KAFKA_NO_PARTITIONS', 'the topic has no partitions');
      life.signal.throwIfAborted();
      current = { producer: fresh, partitions };
      deps.onConnected();
      return current;
    };
    return retry(deps, deps.retry ?? kafkaRetry, life.signal, attempt, deps.onFailed);
  }

  function connected(): Promise<KafkaLink<P>> {
    if (pending === null) {
      pending = connect();
      // It rejects only at the stop, and rejects for whoever waits for it; perhaps nobody does.
      pending.catch(() => undefined);
    }
    return pending;
  }

  return {
    start: () => void connected(),
    ready: (signal) => abortable(connected(), signal),
    renew(link) {
      if (current !== link) return;
      current = null;
      pending = null;
      // Nothing depends on how the old connections end.
      link.producer.disconnect().catch(() => undefined);
      void connected();
    },
    async stop(signal) {
      life.abort(new Error('the link to Kafka is stopped'));
      if (producer === null) return;
      // kafkajs waits for answers under way, which a dead broker never gives.
      await abortable(producer.disconnect(), signal).catch(() => undefined);
    },
  };
}
