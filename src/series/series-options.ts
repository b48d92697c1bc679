import type { ShowTag } from '../records/formats/format.ts';
import type { TotalMismatch } from './lag-survey.ts';
import type { RecordLists } from './record-list.ts';

/** How samples become series. */
export interface SeriesOptions {
  /** The poll interval now: where a zero-start stands when there is no sample before. */
  readonly intervalMs: number;
  /** How many more zeroes confirm the first one before a span ends. */
  readonly confirmZero: number;
  /** A partition's lag up to this counts as 0, for its span, the total and the maximum, records. */
  readonly zeroTolerance: number;
  /** Which of a partition's owner and client id are tags, so that a change of them is another series. */
  readonly seriesTags: { readonly owner: boolean; readonly clientId: boolean };
  /** The tag of `maxLag*` records: the topic of the partition, or its owner, as goRainbow had it. */
  readonly maxLagTag: 'topic' | 'owner';
  /** Whether the names of hosts' rates have no topic, as in goRainbow, so that all topics of an owner share one series. */
  readonly sharesHosts: boolean;
}

/** What series need of their surroundings. */
export interface SeriesDeps {
  /** Whether samples are left out for now; default: never. */
  readonly isPaused?: () => boolean;
  /** What records show of a text. Series that look the same in records are one. */
  readonly showTag: ShowTag;
  /** Called where an offset went backwards. */
  readonly countRewind: (cluster: string, times: number) => void;
  /** Called once for a topic that looks like another one of the group in records, and whose partitions are left out. */
  readonly onAmbiguousTopic: (cluster: string, group: string, topic: string) => void;
  /** Called at each sample where Burrow's total is not the sum of the partitions. */
  readonly onTotalMismatch: (cluster: string, group: string, mismatch: TotalMismatch) => void;
}

/** What all series share. */
export interface SeriesContext extends SeriesDeps {
  readonly options: SeriesOptions;
  readonly lists: RecordLists;
}

/** What a tag says where Burrow's value is blank. */
export const UNKNOWN_TAG = 'unknown';

/** What records show of an owner or a client id. */
export function shownOwner({ showTag }: SeriesDeps, key: 'owner' | 'client_id', text: string): string {
  return showTag(key, text) || UNKNOWN_TAG;
}
