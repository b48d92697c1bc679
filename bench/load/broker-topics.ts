import type { AcknowledgedRecords, LedgerTraffic } from './stand-in-brokers-asks.ts';

/** Places in a batch of format 2, https://kafka.apache.org/documentation/#recordbatch. */
const LAST_OFFSET_DELTA_AT = 23;
const COUNT_AT = 57;

/** One partition's log. */
export interface BrokerLog {
  /** Of the next record. */
  endOffset(): number;
  /** Appends a record batch and returns the offset of its first record. */
  append(batch: Buffer): number;
  /** The batches from the one with this offset on, one after the other: as many as fit, and the first one in any case. */
  read(fromOffset: number, mostBytes: number): Buffer;
}

export interface BrokerTopics {
  readonly names: readonly string[];
  /** By partition; throws where there is no such topic. */
  logs(topic: string): readonly BrokerLog[];
  acknowledged(): AcknowledgedRecords;
  ledgerTraffic(): LedgerTraffic;
}

/** A topic of records, which are only counted, and one with a single partition of a ledger, which is kept. */
export function createBrokerTopics(options: {
  readonly recordsTopic: string;
  readonly recordsPartitions: number;
  readonly ledgerTopic: string;
}): BrokerTopics {
  let count = 0;
  let firstAtMs: number | null = null;
  const noteRecords = (batch: Buffer): void => {
    count += batch.readInt32BE(COUNT_AT);
    firstAtMs ??= performance.timeOrigin + performance.now();
  };
  const traffic = { messages: 0, writtenBytes: 0, readBytes: 0 };
  const topics = new Map<string, readonly BrokerLog[]>([
    [options.recordsTopic, Array.from({ length: options.recordsPartitions }, () => countedLog(noteRecords))],
    [options.ledgerTopic, [keptLog(traffic)]],
  ]);
  return {
    names: [...topics.keys()],
    logs(topic) {
      const logs = topics.get(topic);
      if (logs === undefined) throw new Error(`there is no topic ${topic}`);
      return logs;
    },
    acknowledged: () => ({ count, firstAtMs }),
    ledgerTraffic: () => ({ ...traffic }),
  };
}

function countedLog(note: (batch: Buffer) => void): BrokerLog {
  let endOffset = 0;
  return {
    endOffset: () => endOffset,
    append(batch) {
      const baseOffset = endOffset;
      endOffset = afterBatch(baseOffset, batch);
      note(batch);
      return baseOffset;
    },
    read: () => Buffer.alloc(0),
  };
}

function keptLog(traffic: { -readonly [Key in keyof LedgerTraffic]: LedgerTraffic[Key] }): BrokerLog {
  const kept: { readonly endOffset: number; readonly batch: Buffer }[] = [];
  const endOffset = (): number => kept.at(-1)?.endOffset ?? 0;
  return {
    endOffset,
    append(batch) {
      const baseOffset = endOffset();
      const copy = Buffer.from(batch);
      // Outside of what its checksum covers.
      copy.writeBigInt64BE(BigInt(baseOffset));
      kept.push({ endOffset: afterBatch(baseOffset, batch), batch: copy });
      traffic.messages += batch.readInt32BE(COUNT_AT);
      traffic.writtenBytes += batch.length;
      return baseOffset;
    },
    read(fromOffset, mostBytes) {
      const batches: Buffer[] = [];
      let bytes = 0;
      for (const { endOffset: end, batch } of kept) {
        if (end <= fromOffset) continue;
        if (batches.length > 0 && bytes + batch.length > mostBytes) break;
        batches.push(batch);
        bytes += batch.length;
      }
      traffic.readBytes += bytes;
      return Buffer.concat(batches);
    },
  };
}

function afterBatch(baseOffset: number, batch: Buffer): number {
  return baseOffset + batch.readInt32BE(LAST_OFFSET_DELTA_AT) + 1;
}
