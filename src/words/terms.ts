/** The names of what people read, the same on the pages, in the terminal and in the documents. */
export const TERMS = {
  lag: 'lag',
  timeLag: 'time lag',
  drainTime: 'drain time',
  consumed: 'consumed/s',
  produced: 'produced/s',
  committedOffset: 'committed offset',
  logEndOffset: 'log-end offset',
} as const;

export type Term = keyof typeof TERMS;

/** What each of them means, in a sentence. */
export const TERM_MEANINGS: Readonly<Record<Term, string>> = {
  lag: 'Records between the committed offset and the end of the log, over all partitions',
  timeLag: 'Estimated age of the oldest record that is not consumed, in the partition with the most lag',
  drainTime: 'How long the lag takes to go at the mean rates of the last four samples',
  consumed: 'Records consumed per second, between the two newest samples',
  produced: 'Records produced per second, in the same time',
  committedOffset: 'The newest offset that the group committed',
  logEndOffset: 'Where the log ended then: the committed offset and the lag',
};

/** At the beginning of a heading or a sentence: `Time lag`. */
export function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
