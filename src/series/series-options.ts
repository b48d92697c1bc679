import type { RecordLists } from './record-list.ts';
import type { TwinTable } from './twin-table.ts';

/** How samples become series; the same for all of them. */
export interface SeriesOptions {
  /** The poll interval: where a zero-start stands when there is no sample before. */
  readonly intervalMs: number;
  /** How many more zeroes confirm the first one before a span ends. */
  readonly confirmZero: number;
  /** A lag up to this counts as 0 for the span, records. */
  readonly zeroTolerance: number;
  /** Which of a partition's owner and client id are tags, so that a change of them is another series. */
  readonly seriesTags: { readonly owner: boolean; readonly clientId: boolean };
  /** What tags the `maxLag*` records: the topic, or as goRainbow did the owner of the partition. */
  readonly maxLagTag: 'topic' | 'owner';
}

/** What every series shares. */
export interface SeriesContext {
  readonly options: SeriesOptions;
  readonly table: TwinTable;
  readonly lists: RecordLists;
  /** Called where an offset went backwards. */
  readonly countRewind: (cluster: string, times: number) => void;
}

/** What a tag says where Burrow left it blank. */
export const UNKNOWN_TAG = 'unknown';

/** The whole epoch second that a sample is stamped with. */
export function toSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
