import type { Logger } from 'pino';

import { GROUPS } from './group-kind.ts';
import { TOPICS } from './topic-kind.ts';

/** Good discoveries in a row with topics but without groups before the log offers a diagnosis. */
const DISCOVERIES = 3;

/** What a cluster's server lists, by the plural of the kind; a list that failed is not there. */
export type ClusterLists = ReadonlyMap<string, readonly string[]>;

/**
 * Burrow lower-cases cluster names for its consumers but not for topics; half a cluster is all one sees of it. Says so in
 * the log, once.
 */
export function createLowerCaseHint(
  { log }: { readonly log: Logger },
  { cluster }: { readonly cluster: string },
): (lists: ClusterLists) => void {
  let withoutGroups = 0;
  return (lists) => {
    const groups = lists.get(GROUPS.plural);
    const topics = lists.get(TOPICS.plural);
    if (groups === undefined || topics === undefined) return;
    withoutGroups = groups.length === 0 && topics.length > 0 ? withoutGroups + 1 : 0;
    if (withoutGroups !== DISCOVERIES) return;
    log.warn(
      { cluster, topics: topics.length },
      'Burrow knows topics of this cluster but no consumers; if it has consumers, write the cluster name in lower case everywhere in the configuration of Burrow',
    );
  };
}
