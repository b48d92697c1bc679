import { createRequire } from 'node:module';
import type { ProducedMessage } from '../messages/produced-message.ts';
import type { BatchNumbers } from '../messages/producer-numbers.ts';
import { encodeRecordBatch } from '../messages/record-batch.ts';

/** A produce request as kafkajs asks for it. */
interface ProduceData {
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
  writeString(text: string | null): Encoder;
  writeInt16(number: number): Encoder;
  writeInt32(number: number): Encoder;
  writeBytes(bytes: Buffer): Encoder;
}

interface ProduceRequest {
  encode(): Promise<unknown>;
}

type CreateProduceRequest = (data: ProduceData) => ProduceRequest;

interface Codec {
  compress(records: { readonly buffer: Buffer }): Promise<Buffer>;
}

const load = createRequire(import.meta.url);
const REQUEST = 'kafkajs/src/protocol/requests/produce/v3/request.js';

/**
 * Makes kafkajs 2.2.4 encode the record batches of its produce requests into one buffer that is used again. By itself
 * it makes two objects, a list and some ten buffers of 512 bytes for each record, which cost this process 4 to 6 µs a
 * record and most of its garbage. Lists that `keepMessages` does not know are left to kafkajs.
 *
 * The function is replaced before kafkajs loads what uses it, at its first send. Harmless when called again.
 *
 * @returns false when this kafkajs is not the one the cure was made for; it is then left as it is.
 */
export function cureProduceRequest(): boolean {
  const { version } = load('kafkajs/package.json') as { readonly version: string };
  if (version !== '2.2.4') return false;
  const path = load.resolve(REQUEST);
  const create: unknown = load(path);
  const module = load.cache[path];
  if (module === undefined || typeof create !== 'function') return false;
  if (!cured.has(create)) {
    const quick = quickly(create as CreateProduceRequest);
    cured.add(quick);
    module.exports = quick;
  }
  isCured = true;
  return true;
}

const cured = new WeakSet();
let isCured = false;

/** Whether kafkajs leaves the messages of lists that {@link keepMessages} knows to us. */
export function isProduceRequestCured(): boolean {
  return isCured;
}

const messagesByList = new WeakMap<object, readonly ProducedMessage[]>();
const numbersByList = new WeakMap<object, BatchNumbers>();

/**
 * Has the messages sent in place of the members of a list that kafkajs is given.
 *
 * @param numbers those of the batch, in place of kafkajs's own
 */
export function keepMessages(
  list: object,
  messages: readonly ProducedMessage[],
  numbers?: BatchNumbers,
): void {
  messagesByList.set(list, messages);
  if (numbers !== undefined) numbersByList.set(list, numbers);
}

/** @param create kafkajs's own */
export function quickly(create: CreateProduceRequest): CreateProduceRequest {
  return (data) => {
    const request = create(data);
    const isOurs = data.topicData.every(({ partitions }) =>
      partitions.every(({ messages }) => messages.length > 0 && messagesByList.has(messages)),
    );
    // Everything but its bytes stays kafkajs's.
    return isOurs ? { ...request, encode: () => encode(data) } : request;
  };
}

async function encode(data: ProduceData): Promise<Encoder> {
  const { acks, timeout, transactionalId = null, topicData, compression = 0 } = data;
  const encoder = newEncoder().writeString(transactionalId).writeInt16(acks).writeInt32(timeout);
  encoder.writeInt32(topicData.length);
  for (const { topic, partitions } of topicData) {
    encoder.writeString(topic).writeInt32(partitions.length);
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      const producerId = BigInt((data.producerId ?? -1).toString());
      const own = { producerId, producerEpoch: data.producerEpoch ?? 0, firstSequence };
      const batch = await encodeRecordBatch(
        messagesByList.get(messages) ?? [],
        {
          compression,
          isTransactional: transactionalId !== null && transactionalId !== '',
          ...(numbersByList.get(messages)?.(producerId) ?? own),
        },
        compression === 0 ? null : (records) => codecOf(compression).compress({ buffer: records }),
      );
      encoder.writeInt32(partition).writeBytes(batch);
    }
  }
  return encoder;
}

function newEncoder(): Encoder {
  const Encoder = load('kafkajs/src/protocol/encoder.js') as new () => Encoder;
  return new Encoder();
}

function codecOf(compression: number): Codec {
  const { lookupCodec } = load('kafkajs/src/protocol/message/compression/index.js') as {
    readonly lookupCodec: (type: number) => Codec;
  };
  return lookupCodec(compression);
}
