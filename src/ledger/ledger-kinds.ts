import type { Logger } from 'pino';
import type { KafkaSinkOptions } from '../kafka/kafka-options.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { FaultBook } from '../platform/condition-tracker.ts';
import type { Part } from '../platform/part.ts';
import { openLevelStore } from '../store/level-store.ts';
import type { KafkaLedger } from './kafka/kafka-ledger.ts';
import type { Ledger } from './ledger.ts';
import { writeMarkKey, writeWriterKey } from './ledger-key.ts';

export interface LedgerDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** Counts the faults of the destination, for a ledger that is kept there. */
  readonly faults?: FaultBook | undefined;
  /** What has to be waited for before it is read. */
  readonly beforeReading: (signal: AbortSignal) => Promise<void>;
}

export interface LedgerOptions {
  /** The topic, or the folder. */
  readonly at: string;
  /** Of the records of this process. */
  readonly source: string;
  /** How the sink reaches Kafka; undefined where it does not. */
  readonly kafka: KafkaSinkOptions | undefined;
}

/** A place to keep a ledger. */
interface LedgerKind {
  /** Loads its code. What is not configured is not loaded. */
  readonly load: () => Promise<(deps: LedgerDeps, options: LedgerOptions) => (Ledger & Part) | KafkaLedger>;
}

/** Every place to keep a ledger, by its key in the section `ledger` of the configuration. */
export const LEDGER_KINDS = {
  /** A compacted topic of the brokers that the records go to. */
  topic: {
    async load() {
      const { createKafkaLedger } = await import('./kafka/kafka-ledger.ts');
      return (deps, { at, source, kafka }) => {
        if (kafka === undefined) throw new Error('a ledger in a topic needs a sink that reaches Kafka');
        const { topic: recordsTopic, ...connection } = kafka;
        const keys = { markKey: writeMarkKey(source), writerKey: writeWriterKey(source) };
        return createKafkaLedger(deps, { ...connection, topic: at, recordsTopic, ...keys });
      };
    },
  },
  /** A folder on the local disk. */
  path: {
    async load() {
      const { createLevelLedger } = await import('./level-ledger.ts');
      // Without the fault book: what a local disk has is no fault of the destination, and not counted as one.
      return ({ clock, scheduler, log }, { at }) =>
        createLevelLedger({ clock, scheduler, log, openStore: openLevelStore }, { path: at });
    },
  },
} as const satisfies Readonly<Record<string, LedgerKind>>;

/**
 * Makes the ledger that a configuration asks for; null where it asks for none.
 *
 * @param places by kind; '' for none
 */
export async function createLedger(
  places: Readonly<Record<keyof typeof LEDGER_KINDS, string>>,
  deps: LedgerDeps,
  options: Omit<LedgerOptions, 'at'>,
): Promise<(Ledger & Part) | KafkaLedger | null> {
  for (const [kind, { load }] of Object.entries<LedgerKind>(LEDGER_KINDS)) {
    const at = places[kind as keyof typeof LEDGER_KINDS];
    if (at !== '') return (await load())(deps, { ...options, at });
  }
  return null;
}
