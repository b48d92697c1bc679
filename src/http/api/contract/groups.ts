import { z } from 'zod';
import {
  count,
  drainSeconds,
  epochMs,
  isDraining,
  isSinceExact,
  maybeMeasure,
  measure,
  statusSinceMs,
  statusWord,
} from './words.ts';

/**
 * The columns of a row of a group, in their order. Rows are arrays: ten thousand groups must stay light.
 * The live events carry all but the last, which the reader goes on with by itself.
 */
export const GROUP_COLUMNS = [
  'cluster',
  'group',
  'status',
  'totalLagRecords',
  'lagSeconds',
  'drainSeconds',
  'isDraining',
  'consumedPerSecond',
  'producedPerSecond',
  'partitions',
  'sampledAtMs',
  'statusSinceMs',
  'isSinceExact',
  'sparkMaxRecords',
  'spark',
] as const;

/** Characters of a spark by level, 0 to 63. Source: RFC 4648, section 4. */
export const SPARK_LEVELS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** A step without a sample. */
export const SPARK_GAP = '.';

const now = [
  z.string().describe('cluster'),
  z.string().describe('group'),
  statusWord,
  maybeMeasure('totalLagRecords: lag of all partitions, records'),
  maybeMeasure('lagSeconds: estimated time lag of the partition with the most lag, seconds'),
  drainSeconds,
  isDraining,
  maybeMeasure('consumedPerSecond: records consumed per second, between its two newest samples'),
  maybeMeasure('producedPerSecond: records produced to its partitions per second, in the same time'),
  count('partitions'),
  epochMs('sampledAtMs: when the newest good sample was taken'),
  statusSinceMs,
  isSinceExact,
] as const;

export const groupRow = z
  .tuple([...now])
  .meta({ id: 'GroupRow', description: 'One group: the columns but for the last two' });
export type GroupRow = z.output<typeof groupRow>;

export const groupListRow = z
  .tuple([
    ...now,
    measure('sparkMaxRecords: highest total lag in the spark, records; 0 without lag'),
    z
      .string()
      .max(60)
      .regex(/^[A-Za-z0-9+/.]*$/)
      .describe(
        'spark: total lag of the last hour, one character a step, the last one for the step of `newestStepMs`. ' +
          'A is 0, B to / (the base64 alphabet in its order) are 1 to 63 of sparkMaxRecords / 63; a dot is a step without a sample. ' +
          'Shorter than 60: nothing is known of the steps before. Empty: nothing is known of the whole hour',
      ),
  ])
  .meta({ id: 'GroupListRow', description: 'One group, by the columns' });
export type GroupListRow = z.output<typeof groupListRow>;

export const groupList = z
  .strictObject({
    nowMs: epochMs("The sidecar's clock"),
    total: count('Groups that match, of which the rows are a window'),
    offset: count('Rows left out before the first'),
    newestStepMs: epochMs("Where the newest step of each spark's history begins"),
    columns: z
      .array(z.enum(GROUP_COLUMNS))
      .describe('What each place of a row holds, always these in this order'),
    rows: z.array(groupListRow).max(20_000),
  })
  .meta({ id: 'GroupList', description: 'Groups, sorted and filtered' });
export type GroupList = z.output<typeof groupList>;

/** The most rows that one answer holds. */
export const MOST_GROUPS = 20_000;

/** What groups can be sorted by. `worst`: status, then time lag, then lag. */
export const GROUP_SORTS = [
  'worst',
  'cluster',
  'group',
  'status',
  'totalLagRecords',
  'lagSeconds',
  'drainSeconds',
  'consumedPerSecond',
  'producedPerSecond',
  'partitions',
  'sampledAtMs',
  'statusSinceMs',
] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];

function wholeNumber(least: number, most: number, preset: number, description: string) {
  const rule = `must be a whole number from ${least} to ${most}`;
  return z
    .string({ error: 'must be given once' })
    .regex(/^\d{1,9}$/, { error: rule, abort: true })
    .transform(Number)
    .pipe(z.int().min(least, { error: rule }).max(most, { error: rule }))
    .prefault(String(preset))
    .meta({ description, default: preset });
}

function choice<const Words extends readonly [string, ...string[]]>(words: Words, description: string) {
  return z.enum(words, { error: `must be given once, as one of ${words.join(', ')}` }).describe(description);
}

function name(description: string) {
  return z
    .string({ error: 'must be given once' })
    .max(1000, { error: 'must have at most 1000 characters' })
    .optional()
    .describe(description);
}

const statuses = statusWord.options.join(', ');

/** The query of `GET /api/groups`. */
export const groupsQuery = z.strictObject({
  cluster: name('Only groups of this cluster'),
  status: z
    .string({ error: 'must be given once, several words with commas between' })
    .transform((text) => text.split(','))
    .pipe(
      z.array(
        z.enum(statusWord.options, { error: `must be one or more of ${statuses}, with commas between` }),
      ),
    )
    .optional()
    .describe(`Only groups with one of these statuses, with commas between: ${statuses}`),
  search: name('Only groups with this in their name or their cluster’s, whatever the case'),
  sort: choice(
    GROUP_SORTS,
    'worst: by status, then time lag, then lag. All others by that column, what is unknown last',
  ).default('worst'),
  order: choice(['asc', 'desc'], 'Default: desc for numbers and worst, asc for names').optional(),
  limit: wholeNumber(1, MOST_GROUPS, 100, 'Rows at most'),
  offset: wholeNumber(0, 10_000_000, 0, 'Rows to leave out'),
});
export type GroupsQuery = z.output<typeof groupsQuery>;
