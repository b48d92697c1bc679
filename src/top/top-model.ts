import type { GroupDetail } from '../http/api/contract/group.ts';
import type { GroupList } from '../http/api/contract/groups.ts';
import type { Overview } from '../http/api/contract/overview.ts';

/** How the sidecar is reached. Times are those of the reader's own clock, ms since the epoch. */
export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly heardMs: number }
  /** `sinceMs`: the newest answer; where there was none, the first of the failures. */
  | {
      readonly kind: 'lost';
      readonly sinceMs: number;
      readonly reason: string;
    };

/** What the sidecar has said so far. */
export interface TopModel {
  readonly url: string;
  /** Shown while there is nothing that a person must know. */
  readonly hint?: string;
  readonly link: Link;
  /** By how much the sidecar's clock is ahead of the reader's, ms, at the newest answer. */
  readonly aheadMs: number;
  /** The rows stay as they were, and their order with them, while a person moves among them. */
  readonly isHeld: boolean;
  readonly overview: Overview | null;
  readonly list: GroupList | null;
  /** Of the group that is open; null: not here yet. */
  readonly detail: GroupDetail | null;
  /** The sidecar does not know the open group (any more). */
  readonly isGroupGone: boolean;
}

/** Seconds since a moment of the sidecar's clock. They go on while it does not answer. */
export function secondsSince(atMs: number, { aheadMs }: TopModel, nowMs: number): number {
  return Math.max(0, (nowMs + aheadMs - atMs) / 1000);
}
