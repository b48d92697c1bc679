/** Burrow's words for a status, of a group as well as of a partition; the worst first. */
export const STATUSES = ['ERR', 'STOP', 'STALL', 'REWIND', 'WARN', 'UNKNOWN', 'NOTFOUND', 'OK'] as const;

export type Status = (typeof STATUSES)[number];

/** How bad a status is. Those of one number are equally bad. */
export const SEVERITY: Readonly<Record<Status, number>> = {
  OK: 0,
  NOTFOUND: 1,
  UNKNOWN: 1,
  WARN: 2,
  REWIND: 3,
  STALL: 3,
  STOP: 3,
  ERR: 3,
};

/** What Burrow means by each. Source: Burrow's wiki, consumer lag evaluation rules. */
export const STATUS_MEANING: Readonly<Record<Status, string>> = {
  OK: 'Keeps up',
  WARN: 'Lag grows while it commits',
  ERR: 'A partition stopped or stalled while there was lag',
  STOP: 'Has not committed for a while, and lags',
  STALL: 'Commits the same offset again and again, and lags',
  REWIND: 'Committed an offset before an earlier one',
  NOTFOUND: 'Burrow does not know the group',
  UNKNOWN: 'Burrow gave a status that is not known here',
};
