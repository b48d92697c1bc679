/** What Burrow's notifier said about a group. */
export interface Notice {
  readonly event: 'open' | 'close';
  /** Burrow's id of the incident, where it named one. */
  readonly id: string | null;
  /** Burrow's word for the status, where it gave one. */
  readonly status: string | null;
  readonly atMs: number;
}

/** The newest notice about each group, for the groups with the newest notices. */
export interface Notices {
  /** @param cluster null where the notifier named none */
  note(cluster: string | null, group: string, notice: Notice): void;
  /** The newest that names the cluster or none; null: there was none, or it is forgotten. */
  find(cluster: string, group: string): Notice | null;
}

/** @param options.most notices that are kept, default 10,000; the oldest goes first */
export function createNotices({ most = 10_000 }: { readonly most?: number } = {}): Notices {
  const byKey = new Map<string, Notice>();
  return {
    note(cluster, group, notice) {
      const key = toKey(cluster, group);
      byKey.delete(key);
      byKey.set(key, notice);
      for (const oldest of byKey.keys()) {
        if (byKey.size <= most) break;
        byKey.delete(oldest);
      }
    },
    find(cluster, group) {
      const named = byKey.get(toKey(cluster, group)) ?? null;
      const unnamed = byKey.get(toKey(null, group)) ?? null;
      if (named === null || unnamed === null) return named ?? unnamed;
      return unnamed.atMs > named.atMs ? unnamed : named;
    },
  };
}

/** Unambiguous whatever characters the names hold. */
function toKey(cluster: string | null, group: string): string {
  return cluster === null ? `*:${group}` : `${cluster.length}:${cluster}${group}`;
}
