import type { Logger } from 'pino';
import { isOwnName } from '../burrow/rename-clusters.ts';
import type { Configuration } from '../config/configuration.ts';
import { createEntryWriter, type EntrySpan, type Identity } from '../ledger/ledger-entry.ts';
import { writeEntryKey, writeMarkKey } from '../ledger/ledger-key.ts';
import { createLedger } from '../ledger/ledger-kinds.ts';
import { markSpans } from '../ledger/mark-spans.ts';
import type { SpansOnDisk } from '../ledger/recovered-spans.ts';
import { createSpanKeeper, type SpanKeeper } from '../ledger/span-keeper.ts';
import { createZeroEnds } from '../ledger/zero-ends.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { firstFault, type Condition, type FaultBook } from '../platform/condition-tracker.ts';
import type { Part } from '../platform/part.ts';
import { passes } from '../poll/name-filter.ts';
import { FORMATS } from '../records/formats/formats.ts';
import type { EncodedSample } from '../records/encoded-sample.ts';
import type { SampleRecords } from '../records/record.ts';
import type { SeriesBook } from '../series/series-book.ts';
import { createSinkWithLedger } from '../sinks/ledgered-sink.ts';
import type { Destination } from '../sinks/sink-kind.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import type { Sink } from '../sinks/sink.ts';

export interface SpanMemoryDeps {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly destination: Pick<Destination<object>, 'createSink' | 'createTransactionalSink' | 'kafka'>;
  /** For the ledger. */
  readonly faults: FaultBook;
}

/** What makes a sidecar remember its open spans across its death. */
export interface SpanMemory {
  readonly ledger: Part;
  /** The destination's sink, with the ledger kept in step. */
  readonly sink: Sink;
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
export async function createSpanMemory(
  { series, sink: { type, format }, discovery, burrow, ledger: places }: Configuration,
  deps: SpanMemoryDeps,
): Promise<SpanMemory | null> {
  const { clock, scheduler, log, destination } = deps;
  const { source, prefix, naming, tags, seriesTags } = series;
  const clusterNames = burrow.servers.map(({ clusters = {} }) => new Map(Object.entries(clusters)));
  let identity: Identity = { prefix, naming, tags, seriesTags };
  let as = JSON.stringify(identity);
  const ledger = await createLedger(
    places,
    // What a former process left unfinished must be over before the ledger is read, or it would hide the rest.
    { ...deps, beforeReading: (signal) => transactional?.connected(signal) ?? Promise.resolve() },
    { source, kafka: destination.kafka },
  );
  if (ledger === null) {
    const remedy = SINK_KINDS[type].ledger === 'topic' ? 'ledger.enabled' : 'ledger.path';
    log.info(
      `There is no ledger: after a crash, open series lack their closing 0; set ${remedy} to change that`,
    );
    return null;
  }
  const writer = createEntryWriter(identity);
  const markKey = writeMarkKey(source);
  const transactional =
    'readOnce' in ledger
      ? destination.createTransactionalSink?.({ writer, ledger, ledgerTopic: places.topic, source, markKey })
      : undefined;
  const zeroEnds = createZeroEnds({ scheduler }, { source, format });
  let keeper: SpanKeeper | null = null;
  /** When another sidecar has ended the series of this one; 0: never. */
  let endedSeconds = 0;
  const confirmation = {
    confirm: (signal: AbortSignal) => keeper?.confirm(signal) ?? Promise.resolve(),
    endedSeconds: () => endedSeconds,
  };

  return {
    ledger,
    sink: createSinkWithLedger({
      ...(transactional ? { transactional } : { createSink: () => destination.createSink() }),
      ledger,
      writer,
      scheduler,
      markKey,
      confirmation: ledger.isShared ? confirmation : null,
    }),
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
          end: (...recovered) => offer(zeroEnds.encode(...recovered, as)),
          seriesOf: (span, named) => zeroEnds.seriesOf(span, named),
          enterAgain: () => endedElsewhere(0, () => true),
          onEnded(timestampSeconds, isOpen) {
            endedSeconds = timestampSeconds;
            endedElsewhere(timestampSeconds, (about, cluster, name) =>
              isOpen(writeEntryKey({ source, about, cluster, name })),
            );
          },
          clock,
          scheduler,
          log,
        },
        {
          source,
          showTag: FORMATS[format].showTag,
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
      return keeper === null ? own : firstFault(own, keeper.condition());
    },
    retag(next) {
      identity = { ...identity, tags: next };
      as = JSON.stringify(identity);
    },
    isReading: () => keeper?.isReading() ?? false,
  };
}
