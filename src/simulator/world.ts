/** One commit of a consumer as Burrow keeps it. */
export interface Commit {
  readonly offset: number;
  /** When the consumer committed, milliseconds since the epoch. */
  readonly timestampMs: number;
  /** When Burrow read that commit, milliseconds since the epoch. */
  readonly observedAtMs: number;
  /** Lag at the time of the commit; null for a commit that was out of order or backfilled. */
  readonly lagRecords: number | null;
}

/** One partition of a group as Burrow's storage knows it. */
export interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  /** Blank where Burrow knows no member. */
  readonly owner: string;
  readonly clientId: string;
  /** The filled part of the ring, oldest first; empty where no commit is stored. */
  readonly commits: readonly Commit[];
  /** Lag now, 0 or more; 0 where no commit is stored. */
  readonly currentLagRecords: number;
  /** Given: the status word to answer with. Not given: it follows from the commits by Burrow's rules. */
  readonly status?: string;
}

/** Everything that a Burrow knows at one moment. `null` means that it does not know the name. */
export interface BurrowWorld {
  clusters(): readonly string[];
  topics(cluster: string): readonly string[] | null;
  /** Group names as listed; a name may be listed though `group` no longer knows it, as in Burrow. */
  groups(cluster: string): readonly string[] | null;
  /** Log-end offsets, index = partition id. A hole (undefined or null) is left out of the answer, as in Burrow. */
  offsets(cluster: string, topic: string): readonly (number | null)[] | null;
  group(cluster: string, group: string): readonly PartitionState[] | null;
}

/** How many commits of a partition Burrow keeps (its setting `intervals`, by default). */
export const COMMIT_RING_LENGTH = 10;

/** The same world while Burrow warms up: its names are known, but nothing is listed yet. */
export function warmingUp(world: BurrowWorld): BurrowWorld {
  return {
    clusters: () => [],
    topics: (cluster) => (world.topics(cluster) === null ? null : []),
    groups: (cluster) => (world.groups(cluster) === null ? null : []),
    offsets: () => null,
    group: () => null,
  };
}
