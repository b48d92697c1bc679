import type { GroupDetail } from '../http/api/contract/group.ts';
import type { GroupList } from '../http/api/contract/groups.ts';
import type { Overview } from '../http/api/contract/overview.ts';

/** How the sidecar is reached. Times are those of the reader's own clock, ms since the epoch. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly heardMs: number }
  /** `sinceMs`: the first of the failures in a row. */
  | {
      readonly kind: 'lost';
      readonly sinceMs: number;
      readonly heardMs: number | null;
      readonly reason: string;
    };

/** What the sidecar has said so far. */
export interface TopModel {
  readonly url: string;
  /** Shown while there is nothing that a person must know. */
  readonly hint?: string;
  readonly link: Link;
  readonly overview: Overview | null;
  readonly list: GroupList | null;
  /** Of the group that is open; null: not here yet. */
  readonly detail: GroupDetail | null;
  /** The sidecar does not know the open group (any more). */
  readonly isGroupGone: boolean;
}
