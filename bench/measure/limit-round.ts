/** One round of the limit, CPU for each partition. */
export interface LimitRound {
  /** JSON.parse of a string that is there already. */
  readonly parseMicros: number;
  /** The string made of the bytes first. */
  readonly decodeAndParseMicros: number;
  /** The envelope's share included. */
  readonly bytesAPartition: number;
}
