/** What the runner may ask of the stand-in for Kafka brokers. */
export type StandInBrokersAsk =
  /** `host:port` of each broker: `string[]`. */
  | { readonly kind: 'addresses' }
  /** {@link AcknowledgedRecords} */
  | { readonly kind: 'records' };

/** Of the records' topic, the ledger's entries left out. */
export interface AcknowledgedRecords {
  /** Since the start. */
  readonly count: number;
  /** When the first of them were acknowledged, milliseconds since the epoch with a fraction; null before. */
  readonly firstAtMs: number | null;
}
