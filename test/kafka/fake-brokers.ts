import kafkajs from 'kafkajs';
import type { KafkaProducer } from '../../src/kafka/kafka-producer.ts';
import type { ProducedMessage } from '../../src/kafka/messages/produced-message.ts';

/**
 * What happens to one send: it arrives; it fails before anything is written; it is written but the answer is lost;
 * it is written but the answer does not name the partition; it is not written and not named; the brokers have
 * forgotten the producer.
 */
export type Fate =
  'arrives' | 'fails' | 'answer lost' | 'not named' | 'lost, not named' | 'producer forgotten';

export interface FakeBrokers {
  readonly createProducer: () => KafkaProducer;
  /** Values in each partition's log, in order. */
  readonly logs: Map<number, ProducedMessage[]>;
  /** Partition counts, taken one a connect; the last one stays. */
  partitions: number[];
  /** Fates of the sends to come; when there are none left, they arrive. */
  fates: Fate[];
  /** Errors that the next connects meet. */
  connectErrors: Error[];
  /** A batch with a message larger than this, or larger than twice this in all, is refused. */
  maxBytes: number;
  /** The error type with which a batch is refused for one of its messages; null: it is taken. */
  refuses: (message: ProducedMessage) => string | null;
  /** Whether a quota holds back what is being sent. */
  isHeldBack: boolean;
  sends: number;
  producers: number;
  disconnects: number;
}

type ErrorClass = new (message: string, facts: object) => Error;

/** An error of one of kafkajs's classes, or of a class that every program has. */
export function kafkaError(
  name: string,
  facts: { type?: string; code?: string; broker?: string },
  message = name,
): Error {
  const { [name]: ErrorOfName } = { ...kafkajs, TypeError } as unknown as Record<string, ErrorClass>;
  if (ErrorOfName === undefined) throw new Error(`kafkajs has no ${name}`);
  return Object.assign(new ErrorOfName(message, facts), facts);
}

const compositionChanged = new Error(
  'other messages under the sequence numbers of a batch whose fate is unknown',
);

/** Brokers that keep one log a partition and remember each producer's last batch there, as real ones do. */
export function createFakeBrokers(): FakeBrokers {
  const brokers: FakeBrokers = {
    logs: new Map(),
    partitions: [3],
    fates: [],
    connectErrors: [],
    maxBytes: Infinity,
    refuses: () => null,
    isHeldBack: false,
    sends: 0,
    producers: 0,
    disconnects: 0,
    createProducer,
  };

  function createProducer(): KafkaProducer {
    brokers.producers += 1;
    /** Batches whose answer this producer never got, by partition: they may be in the log. */
    const unsure = new Map<number, { messages: readonly ProducedMessage[]; written: boolean }>();
    return {
      connect() {
        const error = brokers.connectErrors.shift();
        return error === undefined ? Promise.resolve() : Promise.reject(error);
      },
      partitionCount() {
        const [count = 0] = brokers.partitions;
        if (brokers.partitions.length > 1) brokers.partitions.shift();
        return Promise.resolve(count);
      },
      async send(partition, produced) {
        const messages = produced;
        await Promise.resolve();
        brokers.sends += 1;
        if (isTooLarge(messages, brokers.maxBytes)) {
          throw kafkaError('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' });
        }
        for (const message of messages) {
          const type = brokers.refuses(message);
          if (type !== null) throw kafkaError('KafkaJSProtocolError', { type });
        }
        const before = unsure.get(partition);
        if (before !== undefined && !sameValues(before.messages, messages)) throw compositionChanged;
        const fate = brokers.fates.shift() ?? 'arrives';
        if (fate === 'producer forgotten') {
          throw kafkaError('KafkaJSProtocolError', { type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
        }
        const written = before?.written === true;
        const isLost = fate === 'fails' || fate === 'lost, not named';
        if (!written && !isLost) append(partition, messages);
        if (fate === 'arrives') unsure.delete(partition);
        else unsure.set(partition, { messages, written: written || !isLost });
        if (fate === 'not named' || fate === 'lost, not named') return false;
        if (fate !== 'arrives') throw kafkaError('KafkaJSConnectionClosedError', {}, 'Closed connection');
        return true;
      },
      isHeldBack: () => brokers.isHeldBack,
      disconnect() {
        brokers.disconnects += 1;
        return Promise.resolve();
      },
    };
  }

  function append(partition: number, messages: readonly ProducedMessage[]): void {
    const log = brokers.logs.get(partition) ?? [];
    log.push(...messages);
    brokers.logs.set(partition, log);
  }

  return brokers;
}

function isTooLarge(messages: readonly ProducedMessage[], maxBytes: number): boolean {
  const sizes = messages.map(({ valueLength }) => valueLength);
  return Math.max(...sizes) > maxBytes || sizes.reduce((sum, size) => sum + size, 0) > 2 * maxBytes;
}

function sameValues(a: readonly ProducedMessage[], b: readonly ProducedMessage[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ value }, index) => value !== null && b[index]?.value?.equals(value) === true)
  );
}
