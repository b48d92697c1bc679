import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  OPEN_METRICS_END,
  OPEN_METRICS_TYPE,
  renderGroupGauges,
  renderPartitionGauges,
  renderTopicGauges,
  toOpenMetrics,
} from './exposition.ts';
import {
  COUNTERS,
  GAUGES,
  HISTOGRAMS,
  type CounterRow,
  type GaugeSources,
  type MetricOptions,
} from './metric-rows.ts';
import type { PartitionState, TopicState } from './state-gauges.ts';

/** Collaborators that are asked at each scrape; none of them may do I/O. */
export interface SelfMetricsDeps extends GaugeSources {
  readonly nowMs: () => number;
  /** Every topic of every group, those of one group together. */
  readonly topics: () => Iterable<TopicState>;
  /** Every partition of every group, those of one group together; only asked with the option `partitions`. */
  readonly partitions: () => Iterable<PartitionState>;
}

export interface SelfMetricsOptions extends MetricOptions {
  /** Whether each partition has series of its own. */
  readonly partitions: boolean;
  /** Whether those are labelled with owner and client id, too. */
  readonly partitionOwners: boolean;
}

/** Prometheus' own text format, or OpenMetrics. */
export type ExpositionFormat = 'text' | 'openMetrics';

/** `/metrics`, ready to send. */
export interface Exposition {
  readonly contentType: string;
  readonly body: Buffer;
  /** What follows it, made while it is read and for each reader separately; null: nothing. */
  readonly rest: AsyncIterable<Buffer> | null;
}

type Labels<Row extends { readonly labels: readonly string[] }> = Readonly<
  Record<Row['labels'][number], string>
>;

/** The sidecar's own metrics, in a registry of their own. */
export interface SelfMetrics {
  /** @param times 0 or more, default 1 */
  count<Key extends keyof typeof COUNTERS>(
    key: Key,
    labels: Labels<(typeof COUNTERS)[Key]>,
    times?: number,
  ): void;
  observe<Key extends keyof typeof HISTOGRAMS>(
    key: Key,
    labels: Labels<(typeof HISTOGRAMS)[Key]>,
    value: number,
  ): void;
  /** Callers that come while one exposition of a format is under way share it. */
  expose(format: ExpositionFormat): Promise<Exposition>;
}

/** Coarser than the library's 10 ms, whose timer alone wakes an idle process 100 times a second. */
const EVENT_LOOP_RESOLUTION_MS = 100;

/**
 * Of Node's own metrics: gauges that are named as counters, which Prometheus warns of. Each is the sum of one that stays,
 * such as `nodejs_active_handles`.
 */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** See {@link SelfMetrics}. Node's own metrics keep their customary names `process_*` and `nodejs_*`. */
export function createSelfMetrics(deps: SelfMetricsDeps, options: SelfMetricsOptions): SelfMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_RESOLUTION_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);

  const counters = new Map(
    Object.entries<CounterRow>(COUNTERS).map(([key, { name, help, labels, zeroes }]) => [
      key,
      { counter: new Counter({ name, help, labelNames: labels, registers }), labels, zeroes },
    ]),
  );
  const histograms = new Map(
    Object.entries(HISTOGRAMS).map(([key, { name, help, labels, buckets }]) => [
      key,
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    ]),
  );
  for (const { name, help, labels, read } of GAUGES) {
    const [label = ''] = labels;
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers,
      collect() {
        const values = read(deps, options);
        if (typeof values === 'number') {
          this.set(values);
          return;
        }
        this.reset();
        for (const [labelValue, value] of values) this.set({ [label]: labelValue }, value);
      },
    });
  }

  /** Clusters and servers whose series have begun. */
  const known = { cluster: new Set<string>(), server: new Set<string>() };
  begin(null, '');
  // What concerns no one cluster, or one that is not known any more.
  know('cluster', '');
  const underWay = new Map<ExpositionFormat, Promise<Exposition>>();

  return {
    count(key, labels: { readonly cluster?: string; readonly server?: string }, times = 1) {
      counters.get(key)?.counter.inc({ ...labels }, times);
      if (labels.cluster !== undefined) know('cluster', labels.cluster);
      if (labels.server !== undefined) know('server', labels.server);
    },
    observe: (key, labels, value) => histograms.get(key)?.observe(labels, value),
    expose(format) {
      let exposition = underWay.get(format);
      if (exposition === undefined) {
        exposition = render(format).finally(() => underWay.delete(format));
        underWay.set(format, exposition);
      }
      return exposition;
    },
  };

  function know(label: 'cluster' | 'server', value: string): void {
    if (known[label].has(value)) return;
    known[label].add(value);
    begin(label, value);
  }

  /**
   * Begins the series at 0 of the counters that have this label (null: neither cluster nor server). A counter that
   * began with the first drop would hide that drop from Prometheus, which sees growth alone.
   */
  function begin(owner: 'cluster' | 'server' | null, ownerValue: string): void {
    for (const { counter, labels, zeroes } of counters.values()) {
      if (zeroes === undefined || owner !== ownerOf(labels)) continue;
      const ofOwner = owner === null ? {} : { [owner]: ownerValue };
      for (const [label, values] of Object.entries(zeroes(options))) {
        for (const value of values) counter.inc({ ...ofOwner, [label]: value }, 0);
      }
    }
  }

  async function render(format: ExpositionFormat): Promise<Exposition> {
    const isOpen = format === 'openMetrics';
    const own = await registry.metrics();
    const groups = await renderGroupGauges(deps.groups(), deps.nowMs(), nextTurn);
    const topics = await renderTopicGauges(deps.topics, nextTurn);
    const end = isOpen ? OPEN_METRICS_END : '';
    const rest = { [Symbol.asyncIterator]: () => renderPartitions(end) };
    return {
      contentType: isOpen ? OPEN_METRICS_TYPE : registry.contentType,
      body: Buffer.concat([
        Buffer.from(isOpen ? toOpenMetrics(own) : own),
        groups,
        topics,
        Buffer.from(options.partitions ? '' : end),
      ]),
      rest: options.partitions ? rest : null,
    };
  }

  async function* renderPartitions(end: string): AsyncGenerator<Buffer, void, undefined> {
    yield* renderPartitionGauges(deps.partitions, nextTurn, { owners: options.partitionOwners });
    if (end !== '') yield Buffer.from(end);
  }
}

function ownerOf(labels: readonly string[]): 'cluster' | 'server' | null {
  return labels.includes('cluster') ? 'cluster' : labels.includes('server') ? 'server' : null;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
