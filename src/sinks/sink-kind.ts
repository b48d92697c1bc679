import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Judge } from '../config/setting/judge.ts';
import type { KafkaSinkOptions } from '../kafka/kafka-options.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { FaultBook } from '../platform/condition-tracker.ts';
import type { Finding } from '../platform/finding.ts';
import type { KafkaLedger } from '../ledger/kafka/kafka-ledger.ts';
import type { EntryWriter } from '../ledger/ledger-entry.ts';
import type { FormatName } from '../records/formats/formats.ts';
import type { Sink } from './sink.ts';

/** What a sink writes in one transaction with its records. */
export interface LedgerInTransactions {
  readonly writer: EntryWriter;
  readonly ledger: Pick<KafkaLedger, 'readOnce' | 'readNow'>;
  readonly ledgerTopic: string;
  readonly source: string;
  /** Key of the ledger under which each transaction leaves its mark. */
  readonly markKey: string;
}

/** A sink whose transactions hold records and ledger. */
export interface TransactionalSink extends Sink {
  /** Resolves when nothing of a former process is pending any more. */
  connected(signal: AbortSignal): Promise<void>;
}

/** What a user may set of one kind of destination. Light: nothing here loads what reaches the destination. */
export interface SinkSettings {
  /** Its section of the configuration, by name. */
  readonly sections: Readonly<Record<string, z.ZodObject>>;
  /** Its keys in the section `sink`. */
  readonly sinkKeys: Readonly<Record<string, z.ZodType>>;
  /**
   * Its part of the configuration, by name: complete, with secrets read and paths absolute. Reports what is missing for a
   * sink of this kind, and what would be ignored. Of the settings it takes what it asks for.
   */
  resolve(judge: Judge, settings: object): object;
}

/** What a destination is given by its process. */
export interface SinkDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A clock that never goes back nor is set, milliseconds. */
  readonly monotonicMs: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly faults: FaultBook;
  readonly stdout: Writable;
  /** To be called once when the destination is gone for good: null for a normal end, else with what broke it. */
  readonly onClosed: (error: Error | null) => void;
}

/** A destination as it is configured. `Given` is what it takes of the configuration. */
export interface Destination<Given extends object> {
  createSink(): Sink;
  /** Absent where the configuration asks for no transactions. */
  createTransactionalSink?(ledger: LedgerInTransactions): TransactionalSink;
  /**
   * Reads what may change of another configuration, and returns what makes that count. Throws where it cannot be used.
   * Absent: nothing may change.
   */
  prepare?(configuration: Given): () => void;
  /** How it reaches Kafka, for a ledger in a topic there. */
  readonly kafka?: KafkaSinkOptions;
}

export interface CheckDeps extends Pick<SinkDeps, 'clock' | 'scheduler' | 'log'> {
  /** What is asked now, and may take its time. */
  readonly asking: (what: string) => void;
}

/** The code of a destination. `Given` is what it takes of the configuration. */
export interface SinkCode<Given extends object> {
  create(configuration: Given, deps: SinkDeps): Destination<Given>;
  /** Reaches what a sink would need, for `check`, and changes nothing. */
  check(
    configuration: Given,
    deps: CheckDeps,
    signal: AbortSignal,
  ): AsyncIterable<Finding> | Iterable<Finding>;
}

/** What the API shows of a destination. */
export interface SinkPlace {
  /** `host:port` of each. */
  readonly brokers?: readonly string[];
  readonly topic?: string;
  /** `host:port`. */
  readonly address?: string;
}

/** A kind of destination: a row of `SINK_KINDS`. */
export interface SinkKind {
  /** Where records go, and when one counts as delivered, for the documents. */
  readonly description: string;
  readonly delivered: string;
  readonly settings: SinkSettings;
  /** The formats that it takes, the default first; absent: all of them. */
  readonly formats?: readonly [FormatName, ...FormatName[]];
  /** Where its ledger of open spans is: in a topic of Kafka's, or in a folder. */
  readonly ledger: 'topic' | 'path';
  /** Every cause that its faults may have, for the metrics. */
  readonly faultCauses: readonly string[];
  place(configuration: object): SinkPlace;
  /** Loads its code. What is not configured is not loaded. */
  load(): Promise<SinkCode<object>>;
}
