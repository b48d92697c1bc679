import type { FollowedKind } from './followed-kind.ts';
import { GROUPS } from './group-kind.ts';
import { TOPICS } from './topic-kind.ts';

/** See {@link FOLLOWED_KINDS}. */
export type FollowedKinds = readonly [FollowedKind, ...FollowedKind[]];

/**
 * All that is followed, the most important first: a server is silent where it says nothing of the first kind that it
 * has. The first kind is what a cluster is known by: events name it, `discovery.maxGroups` bounds how many there are, and
 * two servers whose lists of it differ have different clusters.
 */
export const FOLLOWED_KINDS: FollowedKinds = [GROUPS, TOPICS];
