import fc from 'fast-check';
import type { Record, SampleRecords, Span } from '../../src/records/record.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import type { GroupSample, PartitionReading } from '../../src/series/sample.ts';
import type { RecoveredSpans } from '../../src/series/recovered-spans.ts';
import type { SeriesDeps, SeriesOptions } from '../../src/series/series-options.ts';

export const START_MS = 1_700_000_000_000;

export const NONE_RECOVERED: RecoveredSpans = { notBeforeSeconds: 0, spans: [] };

/** Deps that are told everything and do nothing. */
export const DEPS: SeriesDeps = {
  showTag: FORMATS.wavefront.showTag,
  countRewind: () => undefined,
  onAmbiguousTopic: () => undefined,
  onTotalMismatch: () => undefined,
};

export const OPTIONS: SeriesOptions = {
  intervalMs: 30_000,
  confirmZero: 1,
  zeroTolerance: 0,
  seriesTags: { owner: true, clientId: true },
  maxLagTag: 'topic',
  sharesHosts: false,
};

export function reading(partial: Partial<PartitionReading> = {}): PartitionReading {
  return {
    topic: 'orders',
    partition: 0,
    owner: '/10.0.0.1',
    clientId: 'worker-1',
    status: 1,
    startOffset: 100,
    startTimestampMs: START_MS - 60_000,
    startLagRecords: 0,
    endOffset: 200,
    endTimestampMs: START_MS,
    endLagRecords: 0,
    currentLagRecords: 0,
    ...partial,
  };
}

export function sample(
  takenAtMs: number,
  partitions: readonly PartitionReading[],
  status: number | null = 1,
): GroupSample {
  const total = partitions.reduce((sum, { currentLagRecords }) => sum + (currentLagRecords ?? 0), 0);
  return { takenAtMs, status, totalLagRecords: total, partitions };
}

/** One step of a group's history. */
export type Step =
  | { readonly kind: 'sample'; readonly afterMs: number; readonly partitions: readonly PartitionReading[] }
  | { readonly kind: 'failed'; readonly afterMs: number }
  | { readonly kind: 'gone'; readonly afterMs: number };

const lag = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constantFrom(5, 5, 7) },
  { weight: 2, arbitrary: fc.nat(1_000_000) },
  { weight: 1, arbitrary: fc.constant(null) },
);

const partitionState = fc.record({
  present: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  // Some that look the same in records.
  owner: fc.constantFrom(
    '/10.0.0.1',
    '/10.0.0.1',
    '/10.0.0.1',
    '/10.0.0.2',
    '',
    'a\n',
    'a_',
    'a\\',
    'unknown',
  ),
  clientId: fc.constantFrom('worker-1', 'worker-1', 'worker-2'),
  lag,
  consumed: fc.oneof(fc.constant(0), fc.nat(5000), fc.constant(null), {
    weight: 1,
    arbitrary: fc.integer({ min: -300, max: -1 }),
  }),
});

/** Random histories of a group with three partitions of two topics. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          kind: fc.constant('sample' as const),
          afterMs: fc.oneof(
            { weight: 6, arbitrary: fc.constant(30_000) },
            fc.integer({ min: 1, max: 100_000 }),
          ),
          partitions: fc.tuple(partitionState, partitionState, partitionState),
        }),
      },
      fc.record({ kind: fc.constant('failed' as const), afterMs: fc.integer({ min: 1, max: 60_000 }) }),
      fc.record({ kind: fc.constant('gone' as const), afterMs: fc.integer({ min: 0, max: 60_000 }) }),
    ),
    { maxLength: 40 },
  )
  .map((steps) => {
    const committed = [1000, 1000, 1000];
    return steps.map((step): Step => {
      if (step.kind !== 'sample') return step;
      const partitions: PartitionReading[] = [];
      for (const [index, state] of step.partitions.entries()) {
        if (!state.present) continue;
        committed[index] = Math.max(0, committed[index]! + (state.consumed ?? 0));
        partitions.push(
          reading({
            topic: index === 2 ? 'payments' : 'orders',
            partition: index === 2 ? 0 : index,
            owner: state.owner,
            clientId: state.clientId,
            endOffset: state.consumed === null ? null : committed[index],
            endTimestampMs: state.consumed === null ? null : START_MS,
            currentLagRecords: state.consumed === null ? null : state.lag,
          }),
        );
      }
      return { kind: 'sample', afterMs: step.afterMs, partitions };
    });
  });

/** Everything that a history gives rise to, in order, ending with a stop. */
export interface Replay {
  readonly records: readonly Record[];
  readonly emitted: readonly SampleRecords[];
  /** The samples that counted: those whose second is later than the one before. */
  readonly samples: readonly GroupSample[];
  readonly rewinds: number;
}

export function replay(steps: readonly Step[], options: SeriesOptions): Replay {
  let rewinds = 0;
  const book = createSeriesBook({ ...DEPS, countRewind: (_, times) => (rewinds += times) }, options);
  const emitted: SampleRecords[] = [];
  const samples: GroupSample[] = [];
  let nowMs = START_MS;
  const emit = (records: SampleRecords | null): void => {
    if (records !== null) emitted.push(records);
  };
  for (const step of steps) {
    nowMs += step.afterMs;
    if (step.kind === 'gone') emit(book.group('prod', 'workers').gone(nowMs));
    if (step.kind === 'sample') {
      const taken = sample(nowMs, step.partitions);
      samples.push(taken);
      emit(book.group('prod', 'workers').take(taken));
    }
  }
  emit(book.group('prod', 'workers').gone(nowMs));
  return { records: emitted.flatMap(({ records }) => records), emitted, samples, rewinds };
}

/** What a reader of the topic tells series apart by: name and tags. */
export function seriesId({ subject, metric }: Span): string {
  const { kind, cluster, group, topic, partition, owner, clientId } = subject;
  const shownAs = FORMATS.wavefront.showTag('owner', owner ?? '');
  return JSON.stringify([metric, kind, cluster, group, topic, partition, shownAs, clientId]);
}

/** Records by series. */
export function bySeries(records: readonly Record[]): Map<string, Record[]> {
  const series = new Map<string, Record[]>();
  for (const record of records) {
    const id = seriesId(record);
    const known = series.get(id);
    if (known === undefined) series.set(id, [record]);
    else known.push(record);
  }
  return series;
}
