import type { Logger } from 'pino';
import { abortable } from '../../platform/abortable.ts';
import { sleep, type Scheduler } from '../../platform/clock.ts';
import { retryDelayMs } from '../../platform/retry.ts';
import { explainKafkaError, hasErrorType } from '../../kafka/faults/kafka-fault.ts';
import { ledgerRetry, type KafkaLink } from '../../kafka/kafka-link.ts';
import { LEDGER_PARTITION, sendLedger, toLedgerMessages, unnamed } from './ledger-messages.ts';
import { isLedgerFault } from './ledger-topic.ts';
import type { ProducedMessage } from '../../kafka/messages/produced-message.ts';
import { ProducerNumbers } from '../../kafka/messages/producer-numbers.ts';

/** What a broker says of numbers that it does not expect. */
const MISCOUNTED = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_ID_MAPPING',
];
/** What it says where a later epoch has begun. */
const FENCED = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'];
/** How long to wait before a ledger that refuses to be written is tried again. */
const RETRY_REFUSED_MS = 10_000;

export interface LedgerWriterDeps {
  readonly scheduler: Scheduler;
  readonly log: Logger;
  /** In [0, 1). */
  readonly random: () => number;
  /** The link; may reject with what keeps it from being made. */
  readonly ready: (signal: AbortSignal) => Promise<KafkaLink>;
  readonly renew: (link: KafkaLink) => void;
  readonly onArrived: () => void;
  /** @param failures in a row, this one included */
  readonly onFailed: (error: unknown, failures: number) => void;
  /** Another process writes under our numbers. */
  readonly onFenced: () => void;
}

/** What the processes of a source write their signs under, one after the other. */
export interface SharedNumbers {
  readonly producerId: bigint;
  readonly epoch: number;
}

/** Appends entries to a ledger's topic, one batch after the other, each until it has arrived. */
export interface LedgerWriter {
  /** Goes on with the numbers of a former process, whose batches are refused from the next one on. */
  succeed(former: SharedNumbers): void;
  /** What signs are written under; null before the first batch. */
  shared(): SharedNumbers | null;
  /**
   * Resolves when all have arrived, after everything that was given before; rejects only when the signal aborts.
   */
  append(
    entries: ReadonlyMap<string, string | null>,
    as: 'entries' | 'sign',
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * What is not answered is sent again unchanged, under the same numbers, on whatever connection: so a request which the
 * network delivers late cannot land behind newer ones, see {@link ProducerNumbers}.
 *
 * All processes of one source write their signs under the same producer id, each in an epoch of its own: one that hears
 * from the broker that a later epoch has begun knows that another process is there. Its entries it then writes under an
 * id that nobody else has, so that the two do not hold each other up.
 */
export function createLedgerWriter(
  deps: LedgerWriterDeps,
  context: { readonly brokers: readonly string[]; readonly topic: string },
): LedgerWriter {
  const { scheduler, log, random } = deps;
  let shared = new ProducerNumbers();
  let own = shared;
  let turn: Promise<void> = Promise.resolve();
  /** Whether the batch under way was sent, and may arrive though its answer has not. */
  let mayArrive = false;

  function numbersOf(as: 'entries' | 'sign'): ProducerNumbers {
    return as === 'sign' ? shared : own;
  }

  /** Rejects where it is too large for the topic, of which nothing was written then, or when the signal aborts. */
  async function send(
    batch: readonly ProducedMessage[],
    as: 'entries' | 'sign',
    signal: AbortSignal,
  ): Promise<true> {
    for (let failures = 1; ; failures += 1) {
      const numbers = numbersOf(as);
      const link = await deps.ready(signal);
      try {
        mayArrive = true;
        const sent = link.producer.send(LEDGER_PARTITION, batch, numbers.ofNext);
        if (!(await abortable(sent, signal))) throw unnamed(context.topic);
        mayArrive = false;
        numbers.arrived(batch.length);
        deps.onArrived();
        return true;
      } catch (error) {
        signal.throwIfAborted();
        if (explainKafkaError(error, context).action === 'shrink') throw error;
        if (isAny(error, FENCED)) giveWay(numbers, as, link);
        else {
          if (isAny(error, MISCOUNTED)) numbers.beginEpoch();
          deps.renew(link);
          deps.onFailed(error, failures);
          const delayMs = isLedgerFault(error)
            ? RETRY_REFUSED_MS
            : retryDelayMs(failures, ledgerRetry, random());
          await sleep(scheduler, delayMs, signal);
        }
      }
    }
  }

  function giveWay(numbers: ProducerNumbers, as: 'entries' | 'sign', link: KafkaLink): void {
    deps.onFenced();
    if (as === 'entries' && numbers === shared) {
      own = new ProducerNumbers();
      deps.renew(link);
    } else if (!numbers.beginEpoch()) deps.renew(link);
  }

  return {
    succeed(former) {
      shared = new ProducerNumbers(former);
      own = shared;
    },
    shared() {
      const { producerId, epoch } = shared;
      return producerId === null ? null : { producerId, epoch };
    },
    append(entries, as, signal) {
      const messages = toLedgerMessages(entries);
      const appended = turn.then(async () => {
        signal.throwIfAborted();
        try {
          await sendLedger({ log, append: (batch) => send(batch, as, signal) }, messages, context);
        } catch (error) {
          // What comes next must not go under the same numbers.
          if (mayArrive) numbersOf(as).beginEpoch();
          mayArrive = false;
          throw error;
        }
      });
      turn = appended.catch(() => undefined);
      return abortable(appended, signal);
    },
  };
}

function isAny(error: unknown, types: readonly string[]): boolean {
  return types.some((type) => hasErrorType(error, type));
}
