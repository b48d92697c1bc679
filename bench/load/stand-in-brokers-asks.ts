/** What the runner may ask of the stand-in for Kafka brokers. */
export type StandInBrokersAsk =
  /** `host:port` of each broker: `string[]`. */
  | { readonly kind: 'addresses' }
  /** {@link AcknowledgedRecords} */
  | { readonly kind: 'records' }
  /** {@link LedgerTraffic} */
  | { readonly kind: 'ledger' };

/** Of the records' topic, the ledger's entries left out. */
export interface AcknowledgedRecords {
  /** Since the start. */
  readonly count: number;
  /** When the first of them were acknowledged, milliseconds since the epoch with a fraction; null before. */
  readonly firstAtMs: number | null;
}

/** What has gone through the ledger's topic since the start; bytes as they are on the wire, compressed. */
export interface LedgerTraffic {
  readonly messages: number;
  readonly writtenBytes: number;
  readonly readBytes: number;
}
