import { z } from 'zod';
import { count, epochMs, maybeEpochMs, measure, statusWord } from './words.ts';

const partHealth = z.looseObject({
  name: z.string(),
  status: z.enum(['ok', 'degraded', 'unavailable']),
  sinceMs: epochMs('Since when it has this status'),
  reason: z.string().optional().describe('What is wrong, and what to do; absent while all is healthy'),
});

export const healthSummary = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    sinceMs: epochMs('Since when it has this status'),
    phase: z.enum(['starting', 'running', 'stopping']),
    uptimeSeconds: measure('Since the start, seconds'),
    parts: z.array(partHealth).describe('Each part with its figures, as /health-check shows them'),
  })
  .meta({ id: 'Health', description: 'What /health-check says' });
export type HealthSummary = z.output<typeof healthSummary>;

export const clusterSummary = z
  .strictObject({
    name: z.string(),
    server: z.string().describe('The configured name of the Burrow server that is asked for this cluster'),
    groups: count('Groups that are polled'),
    topics: count('Topics that are polled'),
    hiddenGroups: z
      .strictObject({
        total: count('Groups that are listed and not polled, because discovery.groups leaves them out'),
        names: z.array(z.string()).describe('The first five of them, long names cut'),
      })
      .describe('What the filter of groups hides'),
    sampledGroups: count('Groups that have had a sample; the sums are over these'),
    laggingGroups: count('Groups with a lag above 0'),
    totalLagRecords: measure('Sum of the known lags, records'),
    statuses: z.partialRecord(statusWord, count('Groups')).describe('Groups by status; absent is 0'),
  })
  .meta({ id: 'ClusterSummary', description: 'One cluster' });
export type ClusterSummary = z.output<typeof clusterSummary>;

export const overview = z
  .strictObject({
    version: z.string(),
    source: z.string().describe('The source tag of every record'),
    startedAtMs: epochMs('When the sidecar started'),
    nowMs: epochMs("The sidecar's clock; reckon ages with it, not with the reader's"),
    pollIntervalMs: count('How often each group is polled, ms'),
    history: z
      .strictObject({
        stepMs: count('Length of one step of every history, ms: a minute, unless time is sped up (demo)'),
        steps: count('Steps in a history'),
        recall: z
          .strictObject({
            state: z
              .enum(['reading', 'complete', 'partial', 'failed'])
              .describe('partial: a bound was reached, so what is older is missing'),
            sinceMs: maybeEpochMs('All records since then have been read'),
            share: z.number().min(0).max(1).describe('How much of the time that is to be read has been read'),
            reason: z.string().nullable().describe('Why some or all of it is missing, and what to do'),
          })
          .nullable()
          .describe(
            'What is read back of the time before the start, from the topic; null: the destination is not Kafka',
          ),
      })
      .describe('How far back histories reach'),
    health: healthSummary,
    clusters: z.array(clusterSummary).describe('Sorted by name'),
  })
  .meta({ id: 'Overview', description: 'What is followed, and its health' });
export type Overview = z.output<typeof overview>;
