import type { GroupLag } from '../burrow/answers.ts';
import type { GroupSample } from '../series/sample.ts';
import type { GroupSeries } from '../series/series-book.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { FollowDeps, FollowedKind, PolledCluster } from './followed-kind.ts';
import { PollHandler } from './poll-handler.ts';
import type { Finding, PolledSubject } from './polled-subject.ts';
import type { Urgency } from './request-queue.ts';
import { withoutTopics } from './topic-pick.ts';

/** Burrow's status of a group that keeps up. */
const STATUS_OK = 1;

/** Consumer groups. */
export const GROUPS: FollowedKind = {
  name: 'group',
  plural: 'groups',
  tag: 'consumer',
  filterKey: 'discovery.groups',
  filter: ({ groups }) => groups,
  list: (client, cluster, signal) => client.groups(cluster, signal),
  createHandler: (deps, cluster, name) => new PollHandler(deps.engine, new PolledGroup(deps, cluster, name)),
};

/** Polls `/v3/kafka/{cluster}/consumer/{group}/lag` and turns each good answer into a sample of the group's series. */
class PolledGroup implements PolledSubject<GroupLag> {
  readonly sleeps = true;
  readonly #deps: FollowDeps;
  readonly #cluster: PolledCluster;
  readonly #group: string;
  readonly #series: GroupSeries;

  constructor(deps: FollowDeps, cluster: PolledCluster, group: string) {
    this.#deps = deps;
    this.#cluster = cluster;
    this.#group = group;
    this.#series = deps.series.group(cluster.name, group);
  }

  get cluster(): string {
    return this.#cluster.name;
  }

  get key(): string {
    return `${this.cluster}/${this.#group}`;
  }

  ask(urgency: Urgency): BurrowRequest<GroupLag> {
    return this.#cluster.ask(
      GROUPS.plural,
      (client, signal) => client.groupLag(this.cluster, this.#group, signal),
      urgency,
    );
  }

  take(answer: GroupLag, takenAtMs: number): Finding {
    const { emit, traffic, board, countsTopic } = this.#deps;
    const lag = withoutTopics(answer, countsTopic);
    const { status, partitions, stoppedPartitions, stalledPartitions } = lag;
    const sample: GroupSample = { takenAtMs, status, totalLagRecords: lag.totalLagRecords, partitions };
    const records = this.#series.take(sample);
    if (records !== null) emit(records);
    const totalLagRecords = this.#series.totalLagRecords(sample);
    traffic.countSample(this.cluster, totalLagRecords);
    const summary = this.#series.summarise(sample);
    // What the series did not take is not shown either: the group's figures are those of its partitions.
    if (summary !== null) {
      board.observe({
        cluster: this.cluster,
        group: this.#group,
        status,
        totalLagRecords,
        takenAtMs,
        partitions: partitions.length,
        stoppedPartitions,
        stalledPartitions,
        ...summary,
      });
    }
    lag.release?.();
    return status === STATUS_OK && totalLagRecords === 0 ? 'calm' : 'data';
  }

  end(nowMs: number): void {
    const records = this.#series.gone(nowMs);
    if (records !== null) this.#deps.emit(records);
  }

  release(): void {
    this.#series.release();
  }

  forget(): void {
    this.#deps.board.forget(this.cluster, this.#group);
  }
}
