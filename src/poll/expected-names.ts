/** So many are remembered; the oldest give way. */
const MOST = 1000;
/** Longer names are no consumer group's that anybody runs. */
const LONGEST_NAME = 1000;
/** Discoveries that a name is looked for in: Burrow's own list may be a while behind its notifier. */
const DISCOVERIES = 3;

/**
 * Names that an event mentioned before any discovery had found them. A new group's first event is often its only one for
 * long, so it must not be lost: the group is woken when it is found. Made-up names are kept for a few discoveries and
 * cause nothing.
 */
export interface ExpectedNames {
  /** @param cluster null: whichever has such a name */
  expect(cluster: string | null, name: string): void;
  /** After each discovery: calls `find` for each, and forgets those that it found and those that nobody finds. */
  findAll(find: (cluster: string | null, name: string) => boolean): void;
}

/** See {@link ExpectedNames}. */
export function createExpectedNames(): ExpectedNames {
  const expected = new Map<string, { cluster: string | null; name: string; discoveriesLeft: number }>();

  return {
    expect(cluster, name) {
      if (name.length > LONGEST_NAME || (cluster ?? '').length > LONGEST_NAME) return;
      const key = JSON.stringify([cluster, name]);
      expected.delete(key);
      expected.set(key, { cluster, name, discoveriesLeft: DISCOVERIES });
      if (expected.size <= MOST) return;
      for (const oldest of expected.keys()) {
        expected.delete(oldest);
        return;
      }
    },
    findAll(find) {
      for (const [key, each] of expected) {
        each.discoveriesLeft -= 1;
        if (find(each.cluster, each.name) || each.discoveriesLeft <= 0) expected.delete(key);
      }
    },
  };
}
