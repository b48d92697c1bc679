/** So many are remembered; the oldest give way. */
const MOST = 1000;
/** Longer names are no consumer group's that anybody runs. */
const LONGEST_NAME = 1000;
/** Discoveries that a name is looked for in: Burrow's own list may be a while behind its notifier. */
const DISCOVERIES = 3;

/**
 * Groups that an event named before any discovery had found them. A new group's first event is often its only one for
 * long, so it must not be lost: the group is woken when it is found. Made-up names take their place for a few
 * discoveries and cause nothing.
 */
export interface ExpectedGroups {
  /** @param cluster null: whichever has such a group */
  expect(cluster: string | null, group: string): void;
  /** After each discovery: calls `find` for each, and forgets those that it found and those that nobody finds. */
  look(find: (cluster: string | null, group: string) => boolean): void;
}

/** See {@link ExpectedGroups}. */
export function createExpectedGroups(): ExpectedGroups {
  const expected = new Map<string, { cluster: string | null; group: string; discoveriesLeft: number }>();

  return {
    expect(cluster, group) {
      if (group.length > LONGEST_NAME || (cluster ?? '').length > LONGEST_NAME) return;
      const key = JSON.stringify([cluster, group]);
      expected.delete(key);
      expected.set(key, { cluster, group, discoveriesLeft: DISCOVERIES });
      if (expected.size <= MOST) return;
      for (const oldest of expected.keys()) {
        expected.delete(oldest);
        return;
      }
    },
    look(find) {
      for (const [key, each] of expected) {
        each.discoveriesLeft -= 1;
        if (find(each.cluster, each.group) || each.discoveriesLeft <= 0) expected.delete(key);
      }
    },
  };
}
