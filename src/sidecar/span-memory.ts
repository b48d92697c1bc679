import type { Logger } from 'pino';
import { isOwnName } from '../burrow/rename-clusters.ts';
import type { Configuration } from '../config/configuration.ts';
import { createLevelLedger } from '../ledger/level-ledger.ts';
import type { Ledger } from '../ledger/ledger.ts';
import {
  createEntryWriter,
  type EntrySpan,
  type EntryWriter,
  type Identity,
} from '../ledger/ledger-entry.ts';
import { writeEntryKey, writeMarkKey, writeWriterKey } from '../ledger/ledger-key.ts';
import type { RecoveredSpans, SpansOnDisk } from '../ledger/recovered-spans.ts';
import { markSpans } from '../ledger/mark-spans.ts';
import { createSpanKeeper, type SpanKeeper } from '../ledger/span-keeper.ts';
import { kafkaSinkOptions } from '../sinks/kafka/kafka-destination.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import { passes } from '../poll/name-filter.ts';
import { createEncoder, showTagIn } from '../records/create-encoder.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { SampleEncoder } from '../records/sample-encoder.ts';
import type { OpenSpan, SampleRecords, Span } from '../records/record.ts';
import { createKafkaClient, readsCommittedOnly } from '../kafka/kafka-client.ts';
import type { KafkaSinkOptions } from '../kafka/kafka-options.ts';
import { createKafkaLedger, type KafkaLedger } from '../ledger/kafka/kafka-ledger.ts';
import { ensureLedgerTopic } from '../ledger/kafka/ledger-topic.ts';
import {
  createTransactionalKafkaSink,
  type TransactionalKafkaSink,
} from '../sinks/kafka/transactional-kafka-sink.ts';
import { createTransactionalProducer } from '../kafka/transactional-producer.ts';
import type { Condition, FaultBook } from '../platform/condition-tracker.ts';
import type { SeriesBook } from '../series/series-book.ts';
import { createConfirmedSink } from '../sinks/confirmed-sink.ts';
import { createLedgeredSink } from '../sinks/ledgered-sink.ts';
import type { Sink } from '../sinks/sink.ts';
import { openLevelStore } from '../store/level-store.ts';

export interface SpanMemoryDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  /** How to reach Kafka; null, or absent: as the configuration says. */
  readonly kafkaOptions?: KafkaSinkOptions | null;
  /** One for each of those that may fail. */
  readonly createFaultBook?: () => FaultBook;
}

/** What makes a sidecar remember its open spans across its death. */
export interface SpanMemory {
  readonly ledger: Part;
  /** The sink with the ledger kept in step; `create` makes one that knows nothing of it. */
  createSink(create: () => Sink): Sink;
  /** To be called with each sample and its encoding; the sample to deliver. */
  mark(sample: SampleRecords, encoded: EncodedSample): EncodedSample;
  /** The part that recovers the spans of a former process; to be started before anything is polled. */
  createKeeper(deps: {
    readonly spansOnDisk: () => SpansOnDisk;
    readonly resume: (spans: readonly EntrySpan[], notBeforeSeconds: number) => void;
    readonly offer: (sample: EncodedSample) => void;
    readonly endedElsewhere: SeriesBook['endedElsewhere'];
  }): SpanKeeper;
  /** Whether no sample is to be taken for now; see `SourceWatch`. */
  isUnsure(): boolean;
  /** All spans are closed, and those of samples from now on have these global tags. Not while it is read. */
  retag(tags: Identity['tags']): void;
  /** Whether the ledger is still to be read while polling goes on. */
  isReading(): boolean;
  condition(): Condition;
}

/** Null where the configuration asks for no ledger, which the log then says. */
export function createSpanMemory(
  configuration: Configuration,
  deps: SpanMemoryDeps & { readonly sinkLog: Logger },
): SpanMemory | null {
  const { series, sink, discovery } = configuration;
  const { source, prefix, naming, tags, seriesTags } = series;
  const clusterNames = configuration.burrow.servers.map(
    ({ clusters = {} }) => new Map(Object.entries(clusters)),
  );
  let identity: Identity = { prefix, naming, tags, seriesTags };
  let as = JSON.stringify(identity);
  const writer = createEntryWriter(identity);
  const kafka = configuration.ledger.topic === '' ? null : createKafkaMemory(configuration, writer, deps);
  const ledger = kafka?.ledger ?? createLocalLedger(configuration, deps);
  if (ledger === null) {
    const remedy = sink.type === 'kafka' ? 'ledger.enabled' : 'ledger.path';
    deps.log.info(`No ledger: series that are open at a crash stay open; ${remedy} changes that`);
    return null;
  }
  let keeper: SpanKeeper | null = null;
  /** When another sidecar has ended the series of this one; 0: never. */
  let endedSeconds = 0;
  /** What was encoded with last: spans of one identity come one after the other, and an encoder has a large buffer. */
  let latest: { readonly id: string; readonly encoder: SampleEncoder } | null = null;

  /** Zero-ends of a former process's spans, under the names that it gave them. */
  function endRecovered(
    { owner, identity: named, spans }: RecoveredSpans,
    stillOpen: readonly OpenSpan[],
    timestampSeconds: number,
  ): EncodedSample {
    const { about, cluster, name } = owner;
    const path = { group: name, topic: `topic/${name}`, traffic: 'traffic' }[about];
    const sample: SampleRecords = {
      key: `${cluster}/${path}`,
      cluster,
      takenAtMs: timestampSeconds * 1000,
      records: spans.map(({ subject, metric }) => ({
        subject,
        metric,
        kind: 'end',
        value: 0,
        timestampSeconds,
      })),
      spans: { about, open: () => stillOpen, opened: [], closed: spans, reopening: [] },
    };
    return markSpans(sample, encodeAs(named, owner.source, sample), owner.source, as);
  }

  /** Under names that another process has given; its bytes are its own. */
  function encodeAs(named: Identity, sourceTag: string, sample: SampleRecords): EncodedSample {
    const id = JSON.stringify([named, sourceTag]);
    if (latest?.id !== id) {
      if (latest === null) deps.scheduler.after(0, () => (latest = null));
      latest = { id, encoder: createEncoder({ ...named, source: sourceTag, format: sink.format }) };
    }
    const { slab, ...encoded } = latest.encoder.encode(sample);
    const bytes = Buffer.allocUnsafeSlow(encoded.bytes.length);
    encoded.bytes.copy(bytes);
    latest.encoder.recycle({ ...encoded, ...(slab && { slab }) });
    return { ...encoded, bytes };
  }

  function seriesOf({ subject, metric }: Span, named: Identity): string {
    const { cluster } = subject;
    const record = { subject, metric, kind: 'end', value: 0, timestampSeconds: 0 } as const;
    return encodeAs(named, source, { key: '', cluster, takenAtMs: 0, records: [record] }).bytes.toString();
  }

  return {
    ledger,
    createSink(create) {
      const confirmed = (sink: Sink): Sink =>
        createConfirmedSink(sink, {
          confirm: (signal) => keeper?.confirm(signal) ?? Promise.resolve(),
          endedSeconds: () => endedSeconds,
        });
      // Asked again when records have waited for the ledger.
      const ledgered =
        kafka?.sink ??
        createLedgeredSink({
          sink: ledger.isShared ? confirmed(create()) : create(),
          ledger,
          writer,
          scheduler: deps.scheduler,
          markKey: writeMarkKey(source),
        });
      return ledger.isShared ? confirmed(ledgered) : ledgered;
    },
    mark(sample, encoded) {
      const marked = markSpans(sample, encoded, source, as);
      if (marked.spans !== undefined && sample.spans !== undefined) {
        keeper?.note(marked.spans.key, sample.spans);
      }
      return marked;
    },
    createKeeper({ spansOnDisk, resume, offer, endedElsewhere }) {
      keeper = createSpanKeeper(
        {
          ledger,
          spansOnDisk,
          resume,
          follows: (cluster) => passes(discovery.clusters, cluster) && isOwnName(cluster, clusterNames),
          end: (...recovered) => offer(endRecovered(...recovered)),
          seriesOf,
          enterAgain: () => endedElsewhere(0, () => true),
          onEnded(timestampSeconds, isOpen) {
            endedSeconds = timestampSeconds;
            endedElsewhere(timestampSeconds, (about, cluster, name) =>
              isOpen(writeEntryKey({ source, about, cluster, name })),
            );
          },
          clock: deps.clock,
          scheduler: deps.scheduler,
          log: deps.log,
        },
        {
          source,
          showTag: showTagIn(sink),
          get identity() {
            return identity;
          },
        },
      );
      return keeper;
    },
    isUnsure: () => keeper?.isUnsure() === true,
    condition() {
      const own = ledger.condition();
      return own.state === 'ok' && keeper !== null ? keeper.condition() : own;
    },
    retag(next) {
      identity = { ...identity, tags: next };
      as = JSON.stringify(identity);
    },
    isReading: () => keeper?.isReading() ?? false,
  };
}

function createLocalLedger(configuration: Configuration, deps: SpanMemoryDeps): (Ledger & Part) | null {
  const { path } = configuration.ledger;
  return path === '' ? null : createLevelLedger({ ...deps, openStore: openLevelStore }, { path });
}

/** The ledger in Kafka, and with transactions the sink that writes both. */
function createKafkaMemory(
  configuration: Configuration,
  writer: EntryWriter,
  deps: SpanMemoryDeps & { readonly sinkLog: Logger },
): { readonly ledger: KafkaLedger; readonly sink: TransactionalKafkaSink | null } {
  const options = deps.kafkaOptions ?? kafkaSinkOptions(configuration);
  const { topic: recordsTopic, ...connection } = options;
  const { topic } = configuration.ledger;
  const { transactions, clientId } = configuration.kafka;
  const { source } = configuration.series;
  // What a former process left unfinished must be over before the ledger is read, or it would hide the rest.
  const beforeReading = (signal: AbortSignal): Promise<void> => sink?.connected(signal) ?? Promise.resolve();
  const markKey = writeMarkKey(source);
  const ledger = createKafkaLedger(
    { ...deps, faults: deps.createFaultBook?.(), beforeReading },
    { ...connection, topic, recordsTopic, markKey, writerKey: writeWriterKey(source) },
  );
  const transactionalId = `${clientId}-${source}`;
  const sinkDeps = { ...deps, faults: deps.createFaultBook?.(), log: deps.sinkLog };
  const client = createKafkaClient(sinkDeps, options);
  const sink = transactions
    ? createTransactionalKafkaSink(
        {
          ...sinkDeps,
          writer,
          createProducer() {
            const producer = createTransactionalProducer(client, { ...options, transactionalId });
            return {
              ...producer,
              async connect() {
                await ensureLedgerTopic(client, deps, { topic, recordsTopic });
                await producer.connect();
              },
            };
          },
          formerMark: (signal) => ledger.readOnce(signal),
          readLedger: async (signal) => (await ledger.readNow(signal)).entries,
          readsCommittedOnly,
        },
        { ...options, ledgerTopic: topic, transactionalId, markKey },
      )
    : null;
  return { ledger, sink };
}

/** The groups and topics that spans belong to, by cluster. */
export function namesOf(
  spans: readonly Span[],
): ReadonlyMap<string, { readonly groups: readonly string[]; readonly topics: readonly string[] }> {
  const names = new Map<string, { groups: Set<string>; topics: Set<string> }>();
  for (const { subject } of spans) {
    const { cluster, kind, group, topic } = subject;
    if (kind === 'cluster') continue;
    const ofCluster = names.get(cluster) ?? { groups: new Set(), topics: new Set() };
    names.set(cluster, ofCluster);
    if (kind === 'topicPartition') ofCluster.topics.add(topic ?? '');
    else ofCluster.groups.add(group ?? '');
  }
  return new Map(
    Array.from(names, ([cluster, { groups, topics }]) => [
      cluster,
      { groups: [...groups], topics: [...topics] },
    ]),
  );
}
