import type { TopicOffsets } from '../burrow/answers.ts';
import type { TopicSeries } from '../series/series-book.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { FollowDeps, FollowedKind, PolledCluster } from './followed-kind.ts';
import { PollHandler } from './poll-handler.ts';
import type { Finding, PolledSubject } from './polled-subject.ts';
import type { Urgency } from './request-queue.ts';

/** Equal short answers in a row after which a topic is taken to have been created again with fewer partitions. */
const BELIEVE_SHORTER_AFTER = 10;

/** Topics. */
export const TOPICS: FollowedKind = {
  name: 'topic',
  plural: 'topics',
  tag: 'topic',
  filterKey: null,
  filter: ({ topics }) => topics,
  list: (client, cluster, signal) => client.topics(cluster, signal),
  createHandler: (deps, cluster, name) => new PollHandler(deps.engine, new PolledTopic(deps, cluster, name)),
};

/**
 * Polls `/v3/kafka/{cluster}/topic/{topic}` and turns each complete answer into a sample of the topic's series.
 * Incomplete ones are skipped and counted, see {@link PartitionCount}.
 */
class PolledTopic implements PolledSubject<TopicOffsets> {
  readonly sleeps = false;
  readonly #deps: FollowDeps;
  readonly #cluster: PolledCluster;
  readonly #topic: string;
  readonly #series: TopicSeries;
  readonly #partitionCount = new PartitionCount();
  #isMissing = false;
  /** The answer before, as long as the topic is missing from the list. */
  #before: readonly (number | null)[] | null = null;

  constructor(deps: FollowDeps, cluster: PolledCluster, topic: string) {
    this.#deps = deps;
    this.#cluster = cluster;
    this.#topic = topic;
    this.#series = deps.series.topic(cluster.name, topic);
  }

  get cluster(): string {
    return this.#cluster.name;
  }

  get key(): string {
    return `${this.cluster}/topic/${this.#topic}`;
  }

  ask(urgency: Urgency): BurrowRequest<TopicOffsets> {
    return this.#cluster.ask(
      TOPICS.plural,
      (client, signal) => client.topicOffsets(this.cluster, this.#topic, signal),
      urgency,
    );
  }

  take({ offsets }: TopicOffsets, takenAtMs: number): Finding {
    const { engine, emit, traffic } = this.#deps;
    if (this.#partitionCount.accepts(offsets.length)) {
      const records = this.#series.take({ takenAtMs, offsets });
      if (records !== null) emit(records);
      traffic.countSample(this.cluster, null);
    } else {
      engine.count(this.cluster, 'incompleteTopic', 1);
      engine.log.debug({ key: this.key, offsets: offsets.length }, 'offsets of some partitions are missing');
    }
    return this.#proves(offsets) ? 'data' : 'unchanged';
  }

  setMissing(isMissing: boolean): void {
    this.#isMissing = isMissing;
    this.#before = null;
  }

  end(nowMs: number): void {
    const records = this.#series.gone(nowMs);
    if (records !== null) this.#deps.emit(records);
  }

  release(): void {
    this.#series.release();
  }

  forget(): void {
    // Topics stand on no board.
  }

  /** Burrow may answer for a deleted topic what it last knew of it; only offsets that change prove a missing one. */
  #proves(offsets: readonly (number | null)[]): boolean {
    if (!this.#isMissing) return true;
    const before = this.#before;
    this.#before = offsets;
    return before !== null && !isSame(before, offsets);
  }
}

/**
 * How many partitions a topic has, learnt from the lengths of its offset lists.
 *
 * Burrow leaves out partitions whose offset it does not know, so an index in the list is a partition id only while the
 * list is as long as the topic has partitions. A longer list means that the topic has grown. A shorter one is
 * incomplete and of no use, unless it stays at the same length for ten answers: then the topic was deleted and created
 * again with fewer partitions between two discoveries, and would otherwise be silent for ever. (A broker that is down
 * for ten polls right after Burrow's own start looks the same; until it is back, ids are then off.)
 */
class PartitionCount {
  #known = 0;
  #shorter = 0;
  #shorterInARow = 0;

  /** True when a list of this length can be read by index. */
  accepts(length: number): boolean {
    if (length === 0) return false;
    if (length < this.#known) {
      this.#shorterInARow = length === this.#shorter ? this.#shorterInARow + 1 : 1;
      this.#shorter = length;
      if (this.#shorterInARow < BELIEVE_SHORTER_AFTER) return false;
    }
    this.#known = length;
    this.#shorterInARow = 0;
    return true;
  }
}

function isSame(offsets: readonly (number | null)[], others: readonly (number | null)[]): boolean {
  return (
    offsets.length === others.length && offsets.every((offset, partition) => offset === others[partition])
  );
}
