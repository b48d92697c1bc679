/**
 * Why: kafkajs 2.2.4 makes two objects, a list and some ten buffers of 512 bytes for each record that it sends, 4 to
 * 6 µs a record and most of this process's garbage. Here the record batches of our own lists are encoded into one
 * buffer that is used again. It is also the only way to send a batch under other numbers than kafkajs's own: the
 * ledger needs that, see producer-numbers.ts.
 *
 * Relies on: the table of the versions of its produce request, which is asked at each request; that from version 3 on
 * all of them have the body of version 3; and its Encoder, its codecs and its CRC. A request is encoded as a probe.
 *
 * Without it: records cost twice as much, and batches go under kafkajs's own numbers. Those protect a batch from being
 * written twice on one connection; a ledger's write that the network delivers after a newer one may then win.
 */
import type { BatchNumbers } from '../messages/producer-numbers.ts';
import { ProducedMessage } from '../messages/produced-message.ts';
import { encodeRecordBatch, type Crc } from '../messages/record-batch.ts';
import { hasMethods, loadInternal, type KafkajsPatch } from './patch.ts';

/** A produce request as kafkajs asks for it. */
export interface ProduceData {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** kafkajs's 64-bit number, or the decimal text of one; absent: no producer id. */
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number;
      readonly messages: readonly object[];
    }[];
  }[];
}

/** kafkajs's writer of requests. */
interface Encoder {
  readonly buffer: Buffer;
  writeString(text: string | null): Encoder;
  writeInt16(number: number): Encoder;
  writeInt32(number: number): Encoder;
  writeBytes(bytes: Buffer): Encoder;
}

interface ProduceRequest {
  readonly apiName?: string;
  encode(): Promise<unknown>;
}

interface Codec {
  compress(records: { readonly buffer: Buffer }): Promise<Buffer>;
}

/** What makes a request of one version of the protocol. */
type CreateProduceRequest = (data: ProduceData) => {
  readonly request: ProduceRequest;
  readonly response: unknown;
};

/** kafkajs's table of the versions of a request. */
interface RequestVersions {
  readonly versions: readonly string[];
  protocol: (asked: { readonly version: number }) => CreateProduceRequest;
}

/** The parts of kafkajs that a request is encoded with. */
interface EncodingParts {
  readonly Encoder: new () => Encoder;
  readonly lookupCodec: (compression: number) => Codec;
  readonly crc32C: Crc;
}

/** The first with the record batches of format 2. */
const FIRST_VERSION = 3;
const LAST_VERSION = 7;

interface OwnBatch {
  readonly messages: readonly ProducedMessage[];
  /** In place of kafkajs's own. */
  readonly numbers: BatchNumbers | undefined;
}

const ownBatches = new WeakMap<object, OwnBatch>();
let isInPlace = false;

/** Has the messages sent in place of the members of a list that kafkajs is given, under these numbers. */
export function keepBatch(list: object, messages: readonly ProducedMessage[], numbers?: BatchNumbers): void {
  ownBatches.set(list, { messages, numbers });
}

/** Whether lists that {@link keepBatch} knows are encoded here. */
export function encodesOwnBatches(): boolean {
  return isInPlace;
}

export const produceRequest: KafkajsPatch = {
  name: 'produce-request',
  versions: ['2.2.4'],
  without: 'records use twice the CPU, and a late write to the ledger may overwrite a newer one',
  apply() {
    const produce = loadInternal('src/protocol/requests/produce/index.js') as RequestVersions;
    const { protocol } = produce;
    if (Math.max(...produce.versions.map(Number)) !== LAST_VERSION || !hasMethods(produce, { protocol: 1 }))
      return 'the versions of the produce request are not the ones that it knows';
    for (let version = FIRST_VERSION; version <= LAST_VERSION; version += 1) {
      const { request } = protocol({ version })({ acks: -1, timeout: 1, topicData: [] });
      if (request.apiName !== 'Produce' || !hasMethods(request, { encode: 0 }))
        return `version ${version} of the produce request is not the one that it knows`;
    }
    const parts = loadParts();
    if (parts === null) return 'the encoder, the codecs or the CRC are not the ones that it knows';
    produce.protocol = (asked) =>
      asked.version < FIRST_VERSION
        ? leavingOwnBatchesOut(protocol(asked))
        : encodingOwnBatches(protocol(asked), parts);
    isInPlace = true;
    return null;
  },
};

/** Null where they do something else than is expected. */
function loadParts(): EncodingParts | null {
  const Encoder = loadInternal('src/protocol/encoder.js') as EncodingParts['Encoder'];
  const crc32C = loadInternal('src/protocol/recordBatch/crc32C/index.js') as Crc;
  const { lookupCodec } = loadInternal('src/protocol/message/compression/index.js') as EncodingParts;
  const probe = new Encoder()
    .writeString(null)
    .writeInt16(1)
    .writeInt32(2)
    .writeBytes(Buffer.from('a')).buffer;
  // The check value of CRC-32C.
  const isKnown =
    probe.toString('hex') === 'ffff0001000000020000000161' &&
    crc32C(Buffer.from('123456789')) === 0xe306_9283 &&
    typeof lookupCodec === 'function';
  return isKnown ? { Encoder, crc32C, lookupCodec } : null;
}

/** @param create kafkajs's own */
export function encodingOwnBatches(
  create: CreateProduceRequest,
  parts: EncodingParts | null = loadParts(),
): CreateProduceRequest {
  if (parts === null) return create;
  return (data) => {
    const batches = data.topicData.flatMap(({ partitions }) => partitions);
    const isOwn = batches.every(({ messages }) => messages.length > 0 && ownBatches.has(messages));
    if (!isOwn) return leavingOwnBatchesOut(create)(data);
    const made = create(data);
    // Everything but its bytes stays kafkajs's.
    return { ...made, request: { ...made.request, encode: () => encode(data, parts) } };
  };
}

/** Not a message of ours may reach kafkajs's own encoder: it would take each for one that removes its key. */
function leavingOwnBatchesOut(create: CreateProduceRequest): CreateProduceRequest {
  return (data) => {
    for (const { partitions } of data.topicData)
      for (const { messages } of partitions)
        if (messages[0] instanceof ProducedMessage)
          throw new Error('kafkajs has regrouped messages that the patch produce-request was to encode');
    return create(data);
  };
}

async function encode(data: ProduceData, { Encoder, lookupCodec, crc32C }: EncodingParts): Promise<Encoder> {
  const { acks, timeout, transactionalId = null, topicData, compression = 0 } = data;
  const encoder = new Encoder().writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  encoder.writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages: list, firstSequence = 0 } of partitions) {
      const { messages = [], numbers } = ownBatches.get(list) ?? {};
      const producerId = BigInt((data.producerId ?? -1).toString());
      const own = { producerId, producerEpoch: data.producerEpoch ?? 0, firstSequence };
      const batch = await encodeRecordBatch(
        messages,
        {
          compression,
          isTransactional: transactionalId !== null && transactionalId !== '',
          ...(numbers?.(producerId) ?? own),
        },
        {
          crc32C,
          compress:
            compression === 0 ? null : (records) => lookupCodec(compression).compress({ buffer: records }),
        },
      );
      encoder.writeInt32(partition).writeBytes(batch);
    }
  }
  return encoder;
}
