/** What the runner may ask of the stand-in. */
export type StandInAsk =
  | { readonly kind: 'url' | 'count' | 'times' }
  /** From now on the groups that are polled are counted. */
  | { readonly kind: 'begin round' }
  /** From now on the times of polls are kept. */
  | { readonly kind: 'watch times'; readonly intervalMs: number };

export interface StandInCount {
  /** Answers given to polls of groups since the start. */
  readonly polls: number;
  /** Groups that were polled since a round was begun last, or since the start. */
  readonly polledGroups: number;
  readonly bytesPerPoll: number;
  /** User and system time of the stand-in's process. */
  readonly cpuMicros: number;
}

/** When polls came, compared with when they were due; less than 0 is too early. */
export interface PollTimes {
  readonly polls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Windows of a group in which it was not polled, between its first and its last poll. */
  readonly missedWindows: number;
  /** Polls of a group in a window that had one already. */
  readonly repeatedPolls: number;
}
