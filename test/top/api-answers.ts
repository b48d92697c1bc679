import type { GroupDetail, PartitionDetail } from '../../src/http/api/contract/group.ts';
import type { GroupList, GroupListRow } from '../../src/http/api/contract/groups.ts';
import { GROUP_COLUMNS } from '../../src/http/api/contract/groups.ts';
import type { Overview } from '../../src/http/api/contract/overview.ts';

export const NOW_MS = 1_700_000_000_000;

/** What the sidecar says of clusters with so many groups each. */
export function overviewOf(
  clusters: readonly string[],
  groups: number,
  health: Partial<Overview['health']> = {},
): Overview {
  return {
    version: '1.2.3',
    source: 'rainbow-1',
    startedAtMs: NOW_MS - 60_000,
    nowMs: NOW_MS,
    pollIntervalMs: 30_000,
    history: { stepMs: 60_000, steps: 60, recall: null },
    health: {
      status: 'ok',
      phase: 'running',
      sinceMs: NOW_MS - 60_000,
      uptimeSeconds: 60,
      parts: [{ name: 'outbox', status: 'ok', sinceMs: NOW_MS - 60_000, waitingSamples: 0, waitingBytes: 0 }],
      ...health,
    },
    clusters: clusters.map((name) => ({
      name,
      server: 'local',
      groups,
      topics: 2,
      hiddenGroups: { total: 0, names: [] },
      sampledGroups: groups,
      laggingGroups: 1,
      totalLagRecords: 1500,
      statuses: { OK: groups - 1, ERR: 1 },
    })),
  };
}

/** A row with a lag. */
export function rowOf(cluster: string, group: string, status: GroupListRow[2] = 'OK'): GroupListRow {
  return [
    cluster,
    group,
    status,
    1520,
    6.1,
    null,
    false,
    950,
    12_345,
    3,
    NOW_MS,
    NOW_MS - 240_000,
    true,
    1520,
    'AB/',
  ];
}

export function listOf(rows: readonly GroupListRow[], total = rows.length, offset = 0): GroupList {
  return {
    nowMs: NOW_MS,
    total,
    offset,
    newestStepMs: NOW_MS - (NOW_MS % 60_000),
    columns: [...GROUP_COLUMNS],
    rows: [...rows],
  };
}

export function partitionOf(topic: string, partition: number, lagRecords: number | null): PartitionDetail {
  const twin = { span: 'open', cadence: 'fresh' };
  return {
    topic,
    partition,
    owner: '/10.0.0.1',
    clientId: 'client-1',
    status: 'OK',
    lagRecords,
    lagSeconds: null,
    startOffset: null,
    endOffset: 5,
    logEndOffset: 10,
    consumedPerSecond: 4,
    producedPerSecond: 5,
    lagTwin: twin,
    hostsTwin: twin,
    heat: [0, null, 5],
  };
}

export function detailOf(
  cluster: string,
  group: string,
  partitions: readonly PartitionDetail[],
): GroupDetail {
  return {
    nowMs: NOW_MS,
    cluster,
    group,
    status: 'ERR',
    totalLagRecords: 1520,
    lagSeconds: 6.1,
    drainSeconds: null,
    isDraining: false,
    consumedPerSecond: 4,
    producedPerSecond: 5,
    sampledAtMs: NOW_MS - 2000,
    statusSinceMs: NOW_MS - 240_000,
    isSinceExact: true,
    statusChanges: [
      { atMs: NOW_MS - 600_000, status: 'OK' },
      { atMs: NOW_MS - 240_000, status: 'ERR' },
    ],
    totalLag: {
      twin: { span: 'open', cadence: 'fresh' },
      exactFromMs: null,
      points: [],
    },
    heat: { stepMs: 60_000, newestStepMs: NOW_MS, maxRecords: 10, isKept: true },
    partitionCount: partitions.length,
    partitions: [...partitions],
    topics: [],
    owners: [],
    notice: null,
  };
}
