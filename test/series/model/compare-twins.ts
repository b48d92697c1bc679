import { createActor, type ActorRefFrom } from 'xstate';
import type { SampleRecords, Subject } from '../../../src/records/record.ts';
import { createSeriesBook } from '../../../src/series/create-series-book.ts';
import { SampleTimes } from '../../../src/series/sample-times.ts';
import type { SeriesOptions } from '../../../src/series/series-options.ts';
import { twinMachine, type TwinEvent, type TwinRules } from '../../../src/series/twin-machine.ts';
import { DEPS, OPTIONS, reading } from '../history.ts';
import {
  shownOwner,
  type SampleStep,
  type TwinHistory,
  type TwinStep,
  type Watched,
} from './twin-histories.ts';

/** Where the first step is that the two answer differently, and what each says. */
export interface Difference {
  readonly step: TwinStep;
  readonly engine: readonly string[];
  readonly machine: readonly string[];
}

/**
 * Runs a history through the series of this program (the engine with all that stands around it), and through the
 * declared machine as XState interprets it.
 */
export function compareTwins(history: TwinHistory): Difference | null {
  const options = { ...OPTIONS, ...history, maxLagTag: 'owner' } as const;
  const engine = new Engine(history, options);
  const machine = new Machine(history, options);
  const times = history.steps.map((step) => ('atMs' in step ? step.atMs : 0));
  const end: TwinStep = { kind: 'gone', atMs: Math.max(0, ...times) };
  for (const step of [...history.steps, end]) {
    engine.take(step, () => machine.open());
    machine.take(step, engine.latestSeconds);
    const said = engine.said();
    const expected = [...machine.said(), ...(engine.toldSpans ? machine.open().map(describeOpen) : [])];
    if (said.join('\n') !== expected.join('\n')) return { step, engine: said, machine: expected };
  }
  return null;
}

/** A series with an open span. */
interface Open {
  readonly owner: string;
  readonly isDoubtful: boolean;
}

function describeOpen({ owner, isDoubtful }: Open): string {
  return `open ${owner}${isDoubtful ? ', doubtful' : ''}`;
}

const NAMES = { cluster: 'c', group: 'g', topic: 't' } as const;

/** What the records of a series are about, its owner aside. */
const SUBJECTS: Readonly<Record<Watched, Subject>> = {
  Lag: { kind: 'partition', ...NAMES, partition: 0, clientId: 'worker-1', encoderSlot: null },
  topicLag: { kind: 'groupTopic', ...NAMES, encoderSlot: null },
  totalLag: { kind: 'group', cluster: 'c', group: 'g' },
  maxLagCurrentLag: { kind: 'maxLag', cluster: 'c', group: 'g' },
  offset: { kind: 'topicPartition', cluster: 'c', topic: 't', partition: 0 },
};

/** The series of this program. */
class Engine {
  /** Stamp of the latest record of the latest step. */
  latestSeconds = 0;
  /** Whether the latest step told which spans are open. */
  toldSpans = false;

  readonly #history: TwinHistory;
  readonly #options: SeriesOptions;
  #isPaused = false;
  #book: ReturnType<typeof createSeriesBook>;
  #said: string[] = [];

  constructor(history: TwinHistory, options: SeriesOptions) {
    this.#history = history;
    this.#options = options;
    this.#book = this.#createBook();
  }

  said(): readonly string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** @param open what is open before the step */
  take(step: TwinStep, open: () => readonly Open[]): void {
    const { watched } = this.#history;
    this.toldSpans = false;
    this.latestSeconds = 0;
    const series = watched === 'offset' ? this.#book.topic('c', 't') : this.#book.group('c', 'g');
    switch (step.kind) {
      case 'sample':
        this.#isPaused = step.isPaused;
        this.#tell(watched === 'offset' ? this.#takeOffset(step) : this.#takeLag(step));
        return;
      case 'gone':
        this.#tell(series.gone(step.atMs));
        return;
      case 'released':
        series.release();
        return;
      case 'endedElsewhere':
        this.#book.endedElsewhere(step.atSeconds, () => step.wasSpared);
        return;
      case 'replaced':
        this.#book = this.#createBook();
        this.#book.resume(
          open().map(({ owner, isDoubtful }) => ({
            subject: { ...SUBJECTS[watched], owner },
            metric: watched,
            isDoubtful: isDoubtful || step.isDoubtful,
          })),
          step.notBeforeSeconds,
        );
    }
  }

  #createBook() {
    return createSeriesBook({ ...DEPS, isPaused: () => this.#isPaused }, this.#options);
  }

  #takeOffset({ atMs, value }: SampleStep): SampleRecords | null {
    return this.#book.topic('c', 't').take({ takenAtMs: atMs, offsets: value === undefined ? [] : [value] });
  }

  #takeLag({ atMs, value, owner, partition }: SampleStep): SampleRecords | null {
    const partitions =
      value === undefined ? [] : [reading({ topic: 't', partition, owner, currentLagRecords: value })];
    const totalLagRecords = value ?? null;
    return this.#book.group('c', 'g').take({ takenAtMs: atMs, status: 1, totalLagRecords, partitions });
  }

  #tell(records: SampleRecords | null): void {
    if (records === null) return;
    const isWatched = ({ metric }: { readonly metric: string }) => metric === this.#history.watched;
    for (const [index, record] of records.records.entries()) {
      this.latestSeconds = Math.max(this.latestSeconds, record.timestampSeconds);
      if (!isWatched(record)) continue;
      if (records.spans?.reopening.includes(index) === true) this.#said.push('reopening');
      this.#said.push(
        `${record.kind} ${record.value} at ${record.timestampSeconds} of ${shownOwner(record.subject.owner)}`,
      );
    }
    if (records.spans === undefined) return;
    this.toldSpans = true;
    for (const { subject, isDoubtful } of records.spans.open().filter(isWatched)) {
      this.#said.push(describeOpen({ owner: shownOwner(subject.owner), isDoubtful }));
    }
  }
}

type Twin = ActorRefFrom<typeof twinMachine>;

/** One machine, interpreted by XState, for each series that a reader tells apart by its tags. */
class Machine {
  readonly #history: TwinHistory;
  readonly #options: SeriesOptions;
  readonly #rules: TwinRules;
  readonly #twins = new Map<string, Twin>();
  #times: SampleTimes;
  /** The tag that the newest sample had, and its partition. */
  #owner = '';
  #partition = -1;
  #said: string[] = [];

  constructor(history: TwinHistory, options: SeriesOptions) {
    this.#history = history;
    this.#options = options;
    this.#times = new SampleTimes(options, 0);
    const { watched, confirmZero, zeroTolerance } = history;
    this.#rules =
      watched === 'totalLag' || watched === 'maxLagCurrentLag'
        ? { span: 'lifetime', confirmZero: 0, zeroTolerance: 0 }
        : { span: 'nonZero', confirmZero, zeroTolerance: watched === 'Lag' ? zeroTolerance : 0 };
  }

  said(): readonly string[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  open(): readonly Open[] {
    return [...this.#twins].flatMap(([owner, twin]) => {
      const { span } = twin.getSnapshot().value;
      return span === 'closed' ? [] : [{ owner, isDoubtful: span.startsWith('doubtful') }];
    });
  }

  /** @param latestSeconds stamp of the latest record of the group in this step */
  take(step: TwinStep, latestSeconds: number): void {
    switch (step.kind) {
      case 'sample':
        if (!step.isPaused && this.#times.advance(step.atMs)) this.#takeSample(step);
        return;
      case 'gone': {
        const nowSeconds = Math.floor(step.atMs / 1000);
        this.#sendAll({ type: 'GONE', nowSeconds });
        this.#times.forget(Math.max(nowSeconds, latestSeconds));
        return;
      }
      case 'released':
        this.#twins.clear();
        this.#times.forget(0);
        return;
      case 'endedElsewhere':
        if (step.wasSpared) return;
        this.#sendAll({ type: 'ENDED_ELSEWHERE', timestampSeconds: step.atSeconds });
        this.#times.endedElsewhere(step.atSeconds);
        return;
      case 'replaced': {
        const open = this.open();
        this.#twins.clear();
        this.#times = new SampleTimes(this.#options, step.notBeforeSeconds);
        for (const { owner, isDoubtful } of open) {
          this.#owner = owner;
          const type = isDoubtful || step.isDoubtful ? 'DOUBTED' : 'RECOVERED';
          this.#twin(owner).send({ type, lastRecordSeconds: step.notBeforeSeconds });
        }
      }
    }
  }

  #takeSample({ value, owner, partition }: SampleStep): void {
    const { watched, zeroTolerance } = this.#history;
    const { nowSeconds, beforeSeconds } = this.#times;
    const hasOwner = watched === 'Lag' || watched === 'maxLagCurrentLag';
    const tag = shownOwner(hasOwner ? owner : undefined);
    // A sample without a total leaves it unknown; without what another series is about, that is gone.
    if (value === undefined && watched !== 'totalLag') {
      this.#sendAll({ type: 'GONE', nowSeconds });
      return;
    }
    // For a reader a partition with another owner is another series.
    if (this.#owner !== tag) this.#sendAll({ type: 'GONE', nowSeconds });
    this.#owner = tag;
    const twin = this.#twin(tag);
    if (value === undefined || value === null) {
      twin.send({ type: 'UNKNOWN' });
      return;
    }
    // A lag that is left to the machine as it is; sums and maxima are made of lags that count.
    const counted = watched !== 'offset' && watched !== 'Lag' && value <= zeroTolerance ? 0 : value;
    const alsoChanged = watched === 'maxLagCurrentLag' && partition !== this.#partition;
    this.#partition = partition;
    twin.send({ type: 'VALUE', value: counted, alsoChanged, nowSeconds, beforeSeconds });
  }

  #sendAll(event: TwinEvent): void {
    for (const twin of this.#twins.values()) twin.send(event);
  }

  #twin(owner: string): Twin {
    const known = this.#twins.get(owner);
    if (known !== undefined) return known;
    const twin = createActor(twinMachine, { input: this.#rules });
    twin.on('reopening', () => this.#said.push('reopening'));
    twin.on('record', ({ kind, value, timestampSeconds }) => {
      this.#said.push(`${kind} ${value} at ${timestampSeconds} of ${owner}`);
    });
    this.#twins.set(owner, twin.start());
    return twin;
  }
}
