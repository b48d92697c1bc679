import { COMMIT_RING_LENGTH, type Commit, type PartitionState } from './world.ts';

/** A commit as Burrow's JSON spells it. */
export interface CommitJson {
  readonly offset: number;
  readonly timestamp: number;
  readonly observedAt: number;
  readonly lag: number | null;
}

/** A partition as Burrow's JSON spells it. */
export interface PartitionJson {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string;
  readonly client_id: string;
  readonly status: string;
  readonly start: CommitJson | null;
  readonly end: CommitJson | null;
  readonly current_lag: number;
  readonly complete: number;
}

/** The `status` object of `/status` and `/lag`. */
export interface GroupJson {
  readonly cluster: string;
  readonly group: string;
  readonly status: string;
  readonly complete: number;
  readonly partitions: readonly PartitionJson[];
  readonly partition_count: number;
  readonly maxlag: PartitionJson | null;
  readonly totallag: number;
}

export function commitJson(commit: Commit): CommitJson {
  return {
    offset: commit.offset,
    timestamp: commit.timestampMs,
    observedAt: commit.observedAtMs,
    lag: commit.lagRecords,
  };
}

/**
 * Burrow's status of one partition, by the rules of its evaluator: OK where the lag was 0 anywhere in the window; else
 * rewind, stop, stall and a lag that never falls are checked, in this order.
 */
export function partitionStatus(
  commits: readonly Commit[],
  currentLagRecords: number,
  nowMs: number,
): string {
  const first = commits[0];
  const last = commits.at(-1);
  if (first === undefined || last === undefined || currentLagRecords === 0) return 'OK';
  if (commits.some((commit) => commit.lagRecords === 0)) return 'OK';

  const pairs = commits.slice(1).map((later, index) => ({ earlier: commits[index] ?? first, later }));
  if (pairs.some(({ earlier, later }) => later.offset < earlier.offset)) return 'REWIND';
  if (nowMs - last.timestampMs > last.timestampMs - first.timestampMs) return 'STOP';
  if (pairs.every(({ earlier, later }) => later.offset === earlier.offset)) return 'STALL';
  const lags = commits.flatMap((commit) => (commit.lagRecords === null ? [] : [commit.lagRecords]));
  return lags.every((lag, index) => index === 0 || lag >= (lags[index - 1] ?? lag)) ? 'WARN' : 'OK';
}

function partitionJson(partition: PartitionState, nowMs: number): PartitionJson {
  const { commits, currentLagRecords } = partition;
  const first = commits[0];
  const last = commits.at(-1);
  return {
    topic: partition.topic,
    partition: partition.partition,
    owner: partition.owner,
    client_id: partition.clientId,
    status: partition.status ?? partitionStatus(commits, currentLagRecords, nowMs),
    start: first === undefined ? null : commitJson(first),
    end: last === undefined ? null : commitJson(last),
    current_lag: currentLagRecords,
    complete: Math.min(1, commits.length / COMMIT_RING_LENGTH),
  };
}

/**
 * The answer of Burrow's evaluator for a whole group. The order of `partitions` is kept; among equals the first is
 * `maxlag`, so a shuffled input gives the random pick that Burrow's answers show.
 */
export function evaluateGroup(
  cluster: string,
  group: string,
  partitions: readonly PartitionState[],
  nowMs: number,
): GroupJson {
  const all = partitions.map((partition) => partitionJson(partition, nowMs));
  let maxlag: PartitionJson | null = null;
  for (const partition of all)
    if (maxlag === null || partition.current_lag > maxlag.current_lag) maxlag = partition;
  const worst = (word: string): boolean => all.some(({ status }) => status === word);
  const failing = ['ERR', 'STOP', 'STALL', 'REWIND'].some(worst);
  return {
    cluster,
    group,
    status: failing ? 'ERR' : worst('WARN') ? 'WARN' : 'OK',
    complete: all.length === 0 ? 1 : all.filter(({ complete }) => complete === 1).length / all.length,
    partitions: all,
    partition_count: all.length,
    maxlag,
    totallag: all.reduce((sum, partition) => sum + partition.current_lag, 0),
  };
}

/** What Burrow says of a group that it does not know; it comes with HTTP 404 and `error: false`. */
export function unknownGroup(cluster: string, group: string): GroupJson {
  return {
    cluster,
    group,
    status: 'NOTFOUND',
    complete: 1,
    partitions: [],
    partition_count: 0,
    maxlag: null,
    totallag: 0,
  };
}
