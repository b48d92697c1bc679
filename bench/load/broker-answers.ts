import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerLog, BrokerTopics } from './broker-topics.ts';
import { decode, encode, type Decoder, type Encoder } from './kafka-wire.ts';

/** The one version of a request that is understood, and what it is answered with. */
interface Api {
  readonly version: number;
  answer(request: Decoder): Encoder | Promise<Encoder>;
}

/** Answers a request, both without their lengths. Rejects where it is of an API or a version that is not known. */
export type AnswerRequest = (request: Buffer) => Promise<Buffer>;

const NONE = 0;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** In a request for offsets: that of the first record rather than that of the next one. */
const EARLIEST = -2n;
const NO_OFFSET = -1;
const NO_TIME = -1;
/** All brokers know all of it; one of them has to be named. */
const CONTROLLER_ID = 1;
/** Every consumer is alone in its group. */
const MEMBER_ID = 'member';

/**
 * What brokers with the node ids 1, 2, … say: of each API the lowest version that has record batches and that kafkajs
 * knows. Layouts: https://kafka.apache.org/protocol.
 *
 * @param deps.addresses of the brokers, in the order of their node ids
 */
export function createBrokerAnswers(deps: {
  readonly topics: BrokerTopics;
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}): AnswerRequest {
  const { topics, addresses } = deps;
  let producers = 0;

  function log(topic: string | null, partition: number): BrokerLog {
    const found = topics.logs(topic ?? '')[partition];
    if (found === undefined) throw new Error(`topic ${topic} has no partition ${partition}`);
    return found;
  }

  const apis = new Map<number, Api>([
    [0, { version: 3, answer: produce }],
    [1, { version: 4, answer: fetch }],
    [2, { version: 1, answer: listOffsets }],
    [3, { version: 1, answer: metadata }],
    [9, { version: 1, answer: offsetFetch }],
    [10, { version: 0, answer: findCoordinator }],
    [11, { version: 0, answer: joinGroup }],
    // Heartbeat, LeaveGroup
    [12, { version: 0, answer: () => encode().writeInt16(NONE) }],
    [13, { version: 0, answer: () => encode().writeInt16(NONE) }],
    [14, { version: 0, answer: syncGroup }],
    // kafkajs asks for its newest one first, whatever the broker knows.
    [18, { version: 2, answer: apiVersions }],
    [22, { version: 0, answer: initProducerId }],
  ]);

  function apiVersions(): Encoder {
    const known = [...apis].map(([key, { version }]) =>
      encode().writeInt16(key).writeInt16(version).writeInt16(version),
    );
    return encode().writeInt16(NONE).writeArray(known).writeInt32(0);
  }

  function metadata(request: Decoder): Encoder {
    const asked = request.readArray((decoder) => decoder.readString() ?? '');
    const brokers = addresses.map(({ host, port }, index) =>
      encode()
        .writeInt32(index + 1)
        .writeString(host)
        .writeInt32(port)
        .writeString(null),
    );
    const described = (asked.length === 0 ? topics.names : asked).map(topicMetadata);
    return encode().writeArray(brokers).writeInt32(CONTROLLER_ID).writeArray(described);
  }

  function topicMetadata(topic: string): Encoder {
    const isKnown = topics.names.includes(topic);
    const partitions = (isKnown ? topics.logs(topic) : []).map((_, partition) => {
      const leader = (partition % addresses.length) + 1;
      return encode()
        .writeInt16(NONE)
        .writeInt32(partition)
        .writeInt32(leader)
        .writeArray([leader])
        .writeArray([leader]);
    });
    return encode()
      .writeInt16(isKnown ? NONE : UNKNOWN_TOPIC_OR_PARTITION)
      .writeString(topic)
      .writeBoolean(false)
      .writeArray(partitions);
  }

  function initProducerId(): Encoder {
    producers += 1;
    return encode().writeInt32(0).writeInt16(NONE).writeInt64(producers).writeInt16(0);
  }

  function produce(request: Decoder): Encoder {
    request.readString(); // transactional id
    request.readInt16(); // acks
    request.readInt32(); // timeout
    const answers = answerPartitions(request, (topic, partition) => {
      const batch = request.readBytes();
      if (batch === null) throw new Error('a produce request has no record batch');
      return encode()
        .writeInt32(partition)
        .writeInt16(NONE)
        .writeInt64(log(topic, partition).append(batch))
        .writeInt64(NO_TIME);
    });
    return encode().writeArray(answers).writeInt32(0);
  }

  async function fetch(request: Decoder): Promise<Encoder> {
    request.readInt32(); // replica id
    const maxWaitMs = request.readInt32();
    request.readInt32(); // least bytes
    request.readInt32(); // most bytes
    request.readInt8(); // isolation level
    const asked = request.readArray(() => ({
      topic: request.readString(),
      partitions: request.readArray(() => {
        const partition = request.readInt32();
        const fromOffset = Number(request.readInt64());
        return { partition, fromOffset, mostBytes: request.readInt32() };
      }),
    }));
    const hasSome = asked.some(({ topic, partitions }) =>
      partitions.some(({ partition, fromOffset }) => log(topic, partition).endOffset() > fromOffset),
    );
    if (!hasSome) await sleep(maxWaitMs);
    const answers = asked.map(({ topic, partitions }) => {
      const read = partitions.map(({ partition, fromOffset, mostBytes }) => {
        const endOffset = log(topic, partition).endOffset();
        return encode()
          .writeInt32(partition)
          .writeInt16(NONE)
          .writeInt64(endOffset)
          .writeInt64(endOffset)
          .writeArray([])
          .writeBytes(log(topic, partition).read(fromOffset, mostBytes));
      });
      return encode().writeString(topic).writeArray(read);
    });
    return encode().writeInt32(0).writeArray(answers);
  }

  function listOffsets(request: Decoder): Encoder {
    request.readInt32(); // replica id
    const answers = answerPartitions(request, (topic, partition) => {
      const offset = request.readInt64() === EARLIEST ? 0 : log(topic, partition).endOffset();
      return encode().writeInt32(partition).writeInt16(NONE).writeInt64(NO_TIME).writeInt64(offset);
    });
    return encode().writeArray(answers);
  }

  function offsetFetch(request: Decoder): Encoder {
    request.readString(); // group id
    const answers = answerPartitions(request, (_, partition) =>
      encode().writeInt32(partition).writeInt64(NO_OFFSET).writeString('').writeInt16(NONE),
    );
    return encode().writeArray(answers);
  }

  function findCoordinator(): Encoder {
    const coordinator = addresses[CONTROLLER_ID - 1];
    if (coordinator === undefined) throw new Error('there are no brokers');
    return encode()
      .writeInt16(NONE)
      .writeInt32(CONTROLLER_ID)
      .writeString(coordinator.host)
      .writeInt32(coordinator.port);
  }

  return async (bytes) => {
    const request = decode(bytes);
    const key = request.readInt16();
    const version = request.readInt16();
    const correlationId = request.readInt32();
    request.readString(); // client id
    const api = apis.get(key);
    if (api?.version !== version) throw new Error(`API ${key} version ${version} is not known`);
    return encode()
      .writeInt32(correlationId)
      .writeEncoder(await api.answer(request)).buffer;
  };
}

/** Reads topics with their partitions, and answers each partition; `answer` reads what comes after its number. */
function answerPartitions(
  request: Decoder,
  answer: (topic: string | null, partition: number) => Encoder,
): Encoder[] {
  return request.readArray(() => {
    const topic = request.readString();
    const answers = request.readArray(() => answer(topic, request.readInt32()));
    return encode().writeString(topic).writeArray(answers);
  });
}

function joinGroup(request: Decoder): Encoder {
  request.readString(); // group id
  request.readInt32(); // session timeout
  request.readString(); // member id
  request.readString(); // protocol type
  const [protocol] = request.readArray(() => ({
    name: request.readString(),
    metadata: request.readBytes() ?? Buffer.alloc(0),
  }));
  if (protocol === undefined) throw new Error('a consumer has to name a protocol');
  return encode()
    .writeInt16(NONE)
    .writeInt32(1)
    .writeString(protocol.name)
    .writeString(MEMBER_ID)
    .writeString(MEMBER_ID)
    .writeArray([encode().writeString(MEMBER_ID).writeBytes(protocol.metadata)]);
}

/** The member leads the group, so that its request has what it is assigned. */
function syncGroup(request: Decoder): Encoder {
  request.readString(); // group id
  request.readInt32(); // generation
  request.readString(); // member id
  const [assignment] = request.readArray(() => {
    request.readString(); // member id
    return request.readBytes();
  });
  return encode()
    .writeInt16(NONE)
    .writeBytes(assignment ?? Buffer.alloc(0));
}
