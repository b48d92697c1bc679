import { castOf, type GroupRole, type TopicRole } from './cast.ts';
import { consumedRecords, type Flow, producedRecords, type ShiftedFlow } from './flow.ts';
import { share } from './random.ts';
import { LANE_SPEEDS, SCENARIOS, type Scenario, type Span } from './scenario.ts';
import { type BurrowWorld, COMMIT_RING_LENGTH, type Commit, type PartitionState } from './world.ts';

export interface SimulatedWorldOptions {
  /** At least one. */
  readonly clusters: readonly string[];
  /** Over all clusters. */
  readonly groups: number;
  /** Of every topic. */
  readonly partitions: number;
  readonly seed: number;
  /** How many seconds of the world pass in one second of the clock. */
  readonly speed: number;
  /** When the world's stories begin, milliseconds since the epoch; the world has a past before it. */
  readonly startedAtMs: number;
}

// Not a divisor of a 30 s poll: else a poller would see each group at the same moment of its commits every time.
const BROKER_REFRESH_MS = 5_500;
const COMMIT_INTERVAL_MS = BROKER_REFRESH_MS;
const COMMIT_SOON_MS = 800;
const OBSERVED_AFTER_MS = 40;
/** Far more than the longest silence of any story. */
const MOST_COMMITS_MISSED = 1_000;

/** A topic in its cluster; offsets are `base + weight * records`, a partition at a time. */
interface Topic {
  readonly production: ShiftedFlow;
  readonly bases: Float64Array;
  readonly weights: Float64Array;
}

/**
 * A world of topics and groups, as a pure function of the seed and the time: one moment always gives the same, whatever
 * was asked in between, and nothing runs between requests. Offsets go backwards only where a group rewinds.
 */
export function createSimulatedWorld(options: SimulatedWorldOptions): (nowMs: number) => BurrowWorld {
  const { clusters, partitions, seed, speed, startedAtMs } = options;
  const roles = castOf(clusters, options.groups, seed);
  const groupsOf = new Map(clusters.map((cluster) => [cluster, new Map<string, GroupRole>()]));
  const topicsOf = new Map(clusters.map((cluster) => [cluster, new Map<string, Topic>()]));
  for (const role of roles) {
    groupsOf.get(role.cluster)?.set(role.name, role);
    const topics = topicsOf.get(role.cluster);
    if (topics?.has(role.topic.name) === false)
      topics.set(role.topic.name, topicOf(role.cluster, role.topic, partitions, seed));
  }

  const wallMs = (worldMs: number): number => Math.round(startedAtMs + worldMs / speed);

  return (nowMs) => {
    const worldMs = (nowMs - startedAtMs) * speed;
    return {
      clusters: () => clusters,
      topics: (cluster) => keysOf(topicsOf.get(cluster)),
      groups(cluster) {
        const groups = groupsOf.get(cluster);
        if (groups === undefined) return null;
        return [...groups.values()].filter((role) => !isWithin('unlisted', role, worldMs)).map(nameOf);
      },
      offsets(cluster, name) {
        const topic = topicsOf.get(cluster)?.get(name);
        if (topic === undefined) return null;
        const produced = producedRecords(topic.production, refreshedMs(worldMs));
        return Array.from({ length: partitions }, (_, partition) => offsetOf(topic, partition, produced));
      },
      group(cluster, name) {
        const role = groupsOf.get(cluster)?.get(name);
        const topic = role === undefined ? undefined : topicsOf.get(cluster)?.get(role.topic.name);
        if (role === undefined || topic === undefined || isWithin('missing', role, worldMs)) return null;
        return groupAt(role, topic, worldMs);
      },
    };
  };

  function groupAt(role: GroupRole, topic: Topic, worldMs: number): readonly PartitionState[] | null {
    const scenario = SCENARIOS[role.scenario];
    const bornAtMs = lastEndOf(scenario.missing, role, scenario, worldMs);
    const commitTimes = commitTimesOf(role, scenario, bornAtMs, worldMs);
    if (commitTimes.length === 0) return null;
    const consumedByLane = LANE_SPEEDS.map((laneSpeed) => {
      const capacity = { flow: faster(scenario.capacity, laneSpeed), byMs: role.byMs };
      return commitTimes.map((atMs) => consumedRecords(topic.production, capacity, atMs));
    });
    const endsAtCommit = commitTimes.map((atMs) => producedRecords(topic.production, refreshedMs(atMs)));
    const endNow = producedRecords(topic.production, refreshedMs(worldMs));
    const isFirstOfLife = commitTimes.length < COMMIT_RING_LENGTH;

    return Array.from({ length: partitions }, (_, partition): PartitionState => {
      const consumed = consumedByLane[partition % LANE_SPEEDS.length] ?? [];
      const isUnread = role.leavesLastUnread && partition > 0 && partition === partitions - 1;
      const commits = isUnread
        ? []
        : commitTimes.map((atMs, index): Commit => {
            const offset = offsetOf(topic, partition, consumed[index] ?? 0);
            const end = offsetOf(topic, partition, endsAtCommit[index] ?? 0);
            return {
              offset,
              timestampMs: wallMs(atMs),
              observedAtMs: wallMs(atMs + OBSERVED_AFTER_MS),
              // Burrow cannot tell the lag of a commit that it read before the topic's offsets.
              lagRecords: isFirstOfLife && index === 0 ? null : Math.max(0, end - offset),
            };
          });
      const committed = commits.at(-1)?.offset;
      return {
        topic: role.topic.name,
        partition,
        ...ownerOf(role, scenario, partition, worldMs),
        commits,
        currentLagRecords:
          committed === undefined ? 0 : Math.max(0, offsetOf(topic, partition, endNow) - committed),
      };
    });
  }

  /** The last commits up to now, oldest first. */
  function commitTimesOf(role: GroupRole, scenario: Scenario, bornAtMs: number, worldMs: number): number[] {
    const delayMs = scenario.commitsAtOnce
      ? COMMIT_SOON_MS
      : share(seed, role.cluster, role.name, 'commits') * COMMIT_INTERVAL_MS;
    const newest = Math.floor((worldMs - delayMs) / COMMIT_INTERVAL_MS);
    const times: number[] = [];
    for (let back = 0; back < MOST_COMMITS_MISSED && times.length < COMMIT_RING_LENGTH; back += 1) {
      const atMs = (newest - back) * COMMIT_INTERVAL_MS + delayMs;
      if (atMs < bornAtMs) break;
      if (!isWithin('silent', role, atMs)) times.push(atMs);
    }
    return times.reverse();
  }

  function ownerOf(
    role: GroupRole,
    { rebalanceAtMs, capacity }: Scenario,
    partition: number,
    worldMs: number,
  ): { readonly owner: string; readonly clientId: string } {
    if (role.isAnonymous) return { owner: '', clientId: '' };
    const generation =
      rebalanceAtMs === undefined ? 0 : Math.floor((worldMs - role.byMs - rebalanceAtMs) / capacity.periodMs);
    const turn = (partition + generation) % role.members;
    const member = turn < 0 ? turn + role.members : turn;
    const subnet = Math.floor(share(seed, role.cluster, role.name, 'subnet') * 250);
    const host = Math.floor(share(seed, role.cluster, role.name, 'host') * 200) + member + 2;
    return { owner: `/10.0.${subnet}.${host}`, clientId: `${role.name}-${member + 1}` };
  }
}

function topicOf(cluster: string, role: TopicRole, partitions: number, seed: number): Topic {
  const shares = (word: string): Float64Array =>
    Float64Array.from({ length: partitions }, (_, partition) =>
      share(seed, cluster, role.name, partition, word),
    );
  return {
    production: { flow: role.production, byMs: role.byMs },
    bases: shares('base').map((part) => 1_000_000 + Math.floor(part * 9_000_000)),
    weights: shares('weight').map((part) => 0.5 + part),
  };
}

/** Burrow knows the log's end as of its last request to the brokers. */
function refreshedMs(worldMs: number): number {
  return Math.floor(worldMs / BROKER_REFRESH_MS) * BROKER_REFRESH_MS;
}

function offsetOf({ bases, weights }: Topic, partition: number, records: number): number {
  // A sum of fractions may be slightly below the whole number that it means.
  return (bases[partition] ?? 0) + Math.floor(records * (weights[partition] ?? 1) + 1e-6);
}

function faster(flow: Flow, factor: number): Flow {
  const steps = flow.steps.map((step) => ({ ...step, recordsPerSecond: step.recordsPerSecond * factor }));
  return { ...flow, steps };
}

function isWithin(kind: 'silent' | 'missing' | 'unlisted', role: GroupRole, worldMs: number): boolean {
  const scenario = SCENARIOS[role.scenario];
  const span = scenario[kind];
  if (span === undefined) return false;
  const { periodMs } = scenario.capacity;
  const phaseMs = (((worldMs - role.byMs) % periodMs) + periodMs) % periodMs;
  return phaseMs >= span.fromMs && phaseMs < span.toMs;
}

/** When that span of the story last ended; minus infinity for a story without it. */
function lastEndOf(span: Span | undefined, role: GroupRole, scenario: Scenario, worldMs: number): number {
  if (span === undefined) return -Infinity;
  const { periodMs } = scenario.capacity;
  const endMs = role.byMs + span.toMs;
  return endMs + Math.floor((worldMs - endMs) / periodMs) * periodMs;
}

function keysOf(map: ReadonlyMap<string, unknown> | undefined): readonly string[] | null {
  return map === undefined ? null : [...map.keys()];
}

function nameOf({ name }: GroupRole): string {
  return name;
}
