import type { DatedHealth } from '../health-since.ts';
import type { Route } from '../route.ts';
import { apiRoute, type ApiDeps } from './api-route.ts';
import type { ApiSource, ClusterView } from './api-source.ts';
import { overview, type ClusterSummary, type HealthSummary, type Overview } from './contract/overview.ts';
import { statusOf } from './group-rows.ts';

const HISTORY_STEPS = 60;

export function overviewRoute({ source, judge, health, clock }: ApiDeps): Route {
  return apiRoute(
    '/api/overview',
    { id: 'overview', summary: 'What is followed, and its health', answer: overview },
    (reply) => reply.send(describeOverview(source, judge(), health().startedAtMs, clock.nowMs())),
  );
}

function describeOverview(
  source: ApiSource,
  health: DatedHealth,
  startedAtMs: number,
  nowMs: number,
): Overview {
  const { version, source: sourceTag, pollIntervalMs, stepMs } = source.about;
  return {
    version,
    source: sourceTag,
    startedAtMs,
    nowMs,
    pollIntervalMs,
    history: { stepMs, steps: HISTORY_STEPS, recall: source.recall() },
    health: describeHealth(health),
    clusters: summarise(source),
  };
}

/** The health report as the API has it. */
export function describeHealth({ status, sinceMs, phase, uptimeSeconds, parts }: DatedHealth): HealthSummary {
  return { status, sinceMs, phase, uptimeSeconds, parts: parts.map((part) => ({ ...part })) };
}

function summarise(source: ApiSource): ClusterSummary[] {
  const summaries = new Map(source.clusters().map((cluster) => [cluster.name, emptySummary(cluster)]));
  for (const entry of source.groups.values()) {
    const summary = summaries.get(entry.state.cluster);
    if (summary === undefined) continue;
    const status = statusOf(entry);
    const lagRecords = entry.state.totalLagRecords ?? 0;
    summary.sampledGroups += 1;
    summary.laggingGroups += lagRecords > 0 ? 1 : 0;
    summary.totalLagRecords += lagRecords;
    summary.statuses[status] = (summary.statuses[status] ?? 0) + 1;
  }
  return [...summaries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function emptySummary({ name, server, groups, topics, hiddenGroups }: ClusterView): ClusterSummary {
  return {
    name,
    server,
    groups,
    topics,
    hiddenGroups: { total: hiddenGroups.total, names: [...hiddenGroups.names] },
    sampledGroups: 0,
    laggingGroups: 0,
    totalLagRecords: 0,
    statuses: {},
  };
}
