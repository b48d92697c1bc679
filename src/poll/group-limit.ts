import type { Logger } from 'pino';

/**
 * Bounds how many groups are followed in all clusters together: anyone who may commit offsets can invent any number of
 * names, and each takes memory and polls. Those that are followed already go first, so that nobody can push them out.
 */
export interface GroupLimit {
  /** Those of a cluster's groups that may be followed: the followed ones, and others while there is room. */
  take(
    cluster: string,
    names: readonly string[],
    followed: { has(group: string): boolean },
  ): readonly string[];
  /** How many of a cluster's groups are not followed. */
  leftOut(cluster: string): number;
}

/** @param options.maxGroups 1 or more */
export function createGroupLimit(
  deps: { readonly log: Logger },
  options: { readonly maxGroups: number },
): GroupLimit {
  const { maxGroups } = options;
  const taken = new Map<string, number>();
  const leftOut = new Map<string, number>();

  function logLeftOut(): void {
    let groups = 0;
    for (const count of leftOut.values()) groups += count;
    const facts = { maxGroups, leftOut: groups };
    if (groups > 0) {
      deps.log.warn(
        facts,
        'more groups are listed than discovery.maxGroups allows: those that came last are not polled; raise it, or deny some',
      );
    } else deps.log.info(facts, 'all groups are polled again');
  }

  return {
    take(cluster, names, followed) {
      taken.delete(cluster);
      let room = maxGroups;
      for (const count of taken.values()) room -= count;
      for (const group of names) if (followed.has(group)) room -= 1;
      const within = names.filter((group) => {
        if (followed.has(group)) return true;
        room -= 1;
        return room >= 0;
      });
      if (within.length > 0) taken.set(cluster, within.length);
      const wereLeftOut = leftOut.size > 0;
      leftOut.delete(cluster);
      if (within.length < names.length) leftOut.set(cluster, names.length - within.length);
      if (wereLeftOut !== leftOut.size > 0) logLeftOut();
      return within;
    },
    leftOut: (cluster) => leftOut.get(cluster) ?? 0,
  };
}
