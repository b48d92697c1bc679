import type { GroupSeries } from '../series/series-book.ts';

/** Takes the records of one sample on their way out; never blocks and never throws. */
export type EmitRecords = (records: NonNullable<ReturnType<GroupSeries['take']>>) => void;
