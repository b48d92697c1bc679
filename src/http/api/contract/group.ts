import { z } from 'zod';
import {
  count,
  drainSeconds,
  epochMs,
  isDraining,
  isSinceExact,
  maybeEpochMs,
  maybeMeasure,
  measure,
  statusSinceMs,
  statusWord,
} from './words.ts';

const offset = (description: string) => z.int().min(0).nullable().describe(`${description}; null: unknown`);

export const twinState = z
  .strictObject({
    span: z.string().describe('State of the region that decides whether the series exists for the reader'),
    cadence: z.string().describe('State of the region that decides whether a sample is worth sending'),
  })
  .meta({ id: 'TwinState', description: 'Where a twin machine stands: states of `GET /api/machine`' });
export type TwinState = z.output<typeof twinState>;

export const partitionDetail = z
  .strictObject({
    topic: z.string(),
    partition: count('Its id'),
    owner: z.string().describe('As Burrow gives it, mostly /host; blank: unknown'),
    clientId: z.string().describe('Blank: unknown'),
    status: statusWord.describe("Burrow's status of the partition at the newest sample"),
    lagRecords: maybeMeasure('Records'),
    lagSeconds: maybeMeasure('Estimated age of the oldest record that is not consumed, seconds'),
    startOffset: offset(
      "Oldest commit in Burrow's window; kept for groups that are looked at, so unknown at the first look",
    ),
    endOffset: offset('Newest committed offset'),
    logEndOffset: offset('Where the log ends: the committed offset and the lag'),
    consumedPerSecond: maybeMeasure('Records consumed per second, between its two newest samples'),
    producedPerSecond: maybeMeasure('Records produced per second, between the newest samples of its topic'),
    lagTwin: twinState.describe(
      'Twin machine of Lag, startOffset, endOffset and lagSeconds, which go together',
    ),
    hostsTwin: twinState.describe('Twin machine of hosts, the rate of the owner'),
    heat: z
      .array(z.number().min(0).nullable())
      .max(60)
      .nullable()
      .describe(
        'Lag at each step, oldest first, the last one for `heat.newestStepMs`; null where not kept, see `heat`',
      ),
  })
  .meta({ id: 'Partition', description: 'One partition of a group' });
export type PartitionDetail = z.output<typeof partitionDetail>;

export const lagPoint = z
  .tuple([
    epochMs('When the sample was taken'),
    measure('Total lag, records'),
    z.enum(['start', 'value', 'end']).describe('start and end: the zero bounds of a span'),
  ])
  .meta({ id: 'LagPoint', description: 'One point of totalLag: time, value, kind' });
export type LagPoint = z.output<typeof lagPoint>;

export const statusChange = z
  .strictObject({
    atMs: epochMs('From then on'),
    status: statusWord.nullable().describe('null: nobody looked'),
  })
  .meta({ id: 'StatusChange', description: 'A moment from which on a group had a status' });
export type StatusChange = z.output<typeof statusChange>;

export const noticeWord = z
  .strictObject({
    event: z.enum(['open', 'close']).describe('close: the group is healthy again'),
    id: z.string().nullable().describe("Burrow's id of the incident"),
    status: z.string().nullable().describe("Burrow's word as the notifier gave it"),
    atMs: epochMs('When it came'),
  })
  .meta({ id: 'Notice', description: "What Burrow's notifier last said about the group" });
export type NoticeWord = z.output<typeof noticeWord>;

export const groupDetail = z
  .strictObject({
    nowMs: epochMs("The sidecar's clock"),
    cluster: z.string(),
    group: z.string(),
    status: statusWord,
    totalLagRecords: maybeMeasure('Records'),
    lagSeconds: maybeMeasure('Of the partition with the most lag, seconds'),
    drainSeconds,
    isDraining,
    consumedPerSecond: maybeMeasure('Records per second, between its two newest samples'),
    producedPerSecond: maybeMeasure('Records per second, in the same time'),
    sampledAtMs: epochMs('When the newest good sample was taken'),
    statusSinceMs,
    isSinceExact,
    statusChanges: z
      .array(statusChange)
      .max(60)
      .describe(
        'The statuses of the last hour and the one before, oldest first; the last one is the present one. Before the first nothing is known',
      ),
    totalLag: z
      .strictObject({
        twin: twinState,
        exactFromMs: maybeEpochMs(
          'From then on the points are the records as they were emitted; the ones before are one a step, the newest lag in it. Points are kept for groups only that lag or are looked at',
        ),
        points: z.array(lagPoint).max(188).describe('Oldest first, of the last hour and some'),
      })
      .describe('The series totalLag'),
    heat: z
      .strictObject({
        stepMs: count('Length of a step, ms'),
        newestStepMs: epochMs('Where the newest step begins'),
        maxRecords: measure('Highest lag of a partition in any step, records'),
        isKept: z
          .boolean()
          .describe(
            'false: nothing was kept so far. Heat is kept for groups that lag or are looked at, within a bound of groups and of partitions',
          ),
      })
      .describe('What the partitions’ heat is measured in'),
    partitionCount: count('Partitions of the group; the list may hold fewer'),
    partitions: z
      .array(partitionDetail)
      .max(2000)
      .describe('By topic and id; of more than 2000 those with the most lag'),
    topics: z
      .array(
        z.strictObject({
          topic: z.string(),
          partitions: count('Partitions that the group has of it'),
          lagRecords: maybeMeasure('Sum of their lags, records; null where one of them is unknown'),
        }),
      )
      .max(2000)
      .describe('Those with the most lag first'),
    owners: z
      .array(
        z.strictObject({
          owner: z.string().describe('Blank: unknown'),
          clientId: z.string().describe('Blank: unknown'),
          partitions: count('Partitions that it owns'),
          lagRecords: maybeMeasure('Sum of their lags, records; null: one of them is unknown'),
          consumedPerSecond: maybeMeasure('Sum of their known rates'),
        }),
      )
      .max(2000)
      .describe('Those with the most lag first'),
    notice: noticeWord.nullable().describe('null: it has said nothing since the start'),
  })
  .meta({ id: 'GroupDetail', description: 'One group in full' });
export type GroupDetail = z.output<typeof groupDetail>;

/** The most partitions, and owners, that one answer holds. */
export const MOST_PARTITIONS = 2000;
