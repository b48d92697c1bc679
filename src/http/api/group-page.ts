import { refuse } from '../answer.ts';
import type { Route } from '../route.ts';
import { apiRoute, type ApiDeps } from './api-route.ts';
import type { ApiSource, GroupLookView, PartitionView } from './api-source.ts';
import {
  groupDetail,
  MOST_PARTITIONS,
  type GroupDetail,
  type LagPoint,
  type PartitionDetail,
} from './contract/group.ts';
import { drainOf, statusOf, wordOf } from './group-rows.ts';

export function groupRoute({ source, clock }: ApiDeps): Route {
  return apiRoute(
    '/api/groups/:cluster/:group',
    {
      id: 'group',
      summary: 'One group in full',
      answer: groupDetail,
      refusals: { 400: 'A query, which this path does not take', 404: 'No such group has had a sample' },
    },
    (reply, _query, request) => {
      const nowMs = clock.nowMs();
      const { cluster, group } = request.params as Readonly<Record<'cluster' | 'group', string>>;
      const look = source.look(cluster, group, nowMs);
      if (look === null) return refuse(reply, 404, 'no group of that name in that cluster has had a sample');
      return reply.send(describeGroup(source, look, nowMs));
    },
  );
}

function describeGroup({ groups, about }: ApiSource, look: GroupLookView, nowMs: number): GroupDetail {
  const { entry } = look;
  const { state } = entry;
  const { stepMs } = about;
  const newestStepMs = Math.floor(nowMs / stepMs) * stepMs;
  const steps = groups.stepsOf(entry, nowMs);
  const partitions = worst(look.partitions).map(describePartition);
  return {
    nowMs,
    cluster: state.cluster,
    group: state.group,
    status: statusOf(entry),
    totalLagRecords: state.totalLagRecords,
    lagSeconds: state.maxLagSeconds ?? null,
    ...drainOf(entry),
    consumedPerSecond: state.consumedPerSecond,
    producedPerSecond: state.producedPerSecond,
    sampledAtMs: state.takenAtMs,
    statusSinceMs: entry.statuses.sinceMs,
    isSinceExact: entry.statuses.isExact,
    statusChanges: groups.statusesOf(entry, nowMs).map(({ atMs, status }) => ({
      atMs,
      status: status === 'unobserved' ? null : wordOf(status),
    })),
    totalLag: { twin: look.totalLagTwin, ...lagPoints(look, steps, newestStepMs, stepMs) },
    heat: { stepMs, newestStepMs, maxRecords: hottest(partitions), isKept: look.isHeatKept },
    partitionCount: look.partitions.length,
    partitions,
    topics: topicsOf(look.partitions),
    owners: ownersOf(look.partitions),
    notice: look.notice,
  };
}

function lagPoints(
  { points, entry }: GroupLookView,
  steps: Float64Array,
  newestStepMs: number,
  stepMs: number,
): { readonly exactFromMs: number | null; readonly points: LagPoint[] } {
  const exact = (points ?? []).map(({ atMs, value, kind }): LagPoint => [atMs, value, kind]);
  const exactFromMs = exact[0]?.[0] ?? null;
  const before = [...steps].flatMap((records, index): LagPoint[] => {
    const beginsMs = newestStepMs - (steps.length - 1 - index) * stepMs;
    // The newest sample of a step lies somewhere in it; of the newest step it is known where.
    const atMs = Math.min(beginsMs + stepMs, entry.state.takenAtMs);
    return Number.isNaN(records) || beginsMs < 0 ? [] : [[atMs, records, 'value']];
  });
  const older = exactFromMs === null ? before : before.filter(([atMs]) => atMs < exactFromMs);
  return { exactFromMs, points: [...older, ...exact] };
}

/** By topic and id; of too many those with the most lag. */
function worst(partitions: readonly PartitionView[]): PartitionView[] {
  const shown =
    partitions.length <= MOST_PARTITIONS
      ? [...partitions]
      : [...partitions].sort(byLag).slice(0, MOST_PARTITIONS);
  return shown.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
}

function byLag(a: PartitionView, b: PartitionView): number {
  return (b.lagRecords ?? -1) - (a.lagRecords ?? -1);
}

function describePartition(view: PartitionView): PartitionDetail {
  const { lagRecords, committedOffset } = view;
  const heat = view.heat();
  return {
    topic: view.topic,
    partition: view.partition,
    owner: view.owner,
    clientId: view.clientId,
    status: wordOf(view.status),
    lagRecords,
    lagSeconds: view.lagSeconds,
    startOffset: view.startOffset,
    endOffset: committedOffset,
    logEndOffset: lagRecords === null || committedOffset === null ? null : committedOffset + lagRecords,
    consumedPerSecond: view.consumedPerSecond,
    producedPerSecond: view.producedPerSecond,
    lagTwin: view.lagTwin,
    hostsTwin: view.hostsTwin,
    heat: heat && Array.from(heat, (records) => (Number.isNaN(records) ? null : records)),
  };
}

function hottest(partitions: readonly PartitionDetail[]): number {
  let most = 0;
  for (const { heat } of partitions) for (const records of heat ?? []) most = Math.max(most, records ?? 0);
  return most;
}

function topicsOf(partitions: readonly PartitionView[]): GroupDetail['topics'] {
  const topics = new Map<string, GroupDetail['topics'][number]>();
  for (const { topic, lagRecords, committedOffset } of partitions) {
    const before = topics.get(topic) ?? { topic, partitions: 0, lagRecords: 0 };
    topics.set(topic, {
      topic,
      partitions: before.partitions + 1,
      lagRecords: addLag(before.lagRecords, lagRecords, committedOffset),
    });
  }
  return [...topics.values()]
    .sort((a, b) => (b.lagRecords ?? -1) - (a.lagRecords ?? -1))
    .slice(0, MOST_PARTITIONS);
}

/** A partition without any commit counts as 0, as it does in the total. Null is unknown, and so is a sum with it. */
function addLag(
  sumRecords: number | null,
  lagRecords: number | null,
  committedOffset: number | null,
): number | null {
  const ownRecords = lagRecords ?? (committedOffset === null ? 0 : null);
  return sumRecords === null || ownRecords === null ? null : sumRecords + ownRecords;
}

function ownersOf(partitions: readonly PartitionView[]): GroupDetail['owners'] {
  const owners = new Map<string, GroupDetail['owners'][number]>();
  for (const { owner, clientId, lagRecords, committedOffset, consumedPerSecond } of partitions) {
    const key = JSON.stringify([owner, clientId]);
    const before = owners.get(key);
    owners.set(key, {
      owner,
      clientId,
      partitions: (before?.partitions ?? 0) + 1,
      lagRecords: addLag(before === undefined ? 0 : before.lagRecords, lagRecords, committedOffset),
      consumedPerSecond:
        consumedPerSecond === null
          ? (before?.consumedPerSecond ?? null)
          : (before?.consumedPerSecond ?? 0) + consumedPerSecond,
    });
  }
  return [...owners.values()]
    .sort((a, b) => (b.lagRecords ?? -1) - (a.lagRecords ?? -1))
    .slice(0, MOST_PARTITIONS);
}
