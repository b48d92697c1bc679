import { CompressionTypes } from 'kafkajs';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadCodec } from '../../../src/kafka/messages/kafka-codec.ts';
import { toGroupedList } from '../../../src/kafka/patches/message-grouping.ts';
import { loadInternal } from '../../../src/kafka/patches/patch.ts';
import { ProducedMessage } from '../../../src/kafka/messages/produced-message.ts';
import { encodingOwnBatches, produceRequest } from '../../../src/kafka/patches/produce-request.ts';

type CreateRequest = Parameters<typeof encodingOwnBatches>[0];

const versions = loadInternal('src/protocol/requests/produce/index.js') as {
  protocol: (asked: { readonly version: number }) => CreateRequest;
};
const { protocol } = versions;
const original = protocol({ version: 7 });
/** What kafkajs is given without the patch. */
const plain = (partition: number, messages: readonly ProducedMessage[]): object[] =>
  messages.map(({ key, value, timestamp }) => ({ key, value, timestamp, partition }));

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.integer({ min: 8_000, max: 20_000 }).map((length) => Buffer.alloc(length, 'x')),
);
/** Of one digit count, as all times of this age are: kafkajs finds the earliest by comparing texts. */
const timestamp = fc.oneof(
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_000_200 }),
  fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
);
/** Its value lies somewhere in its bytes. */
const message = fc
  .tuple(bytes, timestamp.map(String), fc.oneof(bytes, fc.constant(null)), fc.nat(300), fc.nat(300))
  .map(([key, time, value, one, other]) => {
    if (value === null) return new ProducedMessage(key, time, null);
    const [start, end] = [Math.min(one, other, value.length), Math.min(Math.max(one, other), value.length)];
    return new ProducedMessage(key, time, value, start, end);
  });
const batch = fc.oneof(
  fc.array(message, { minLength: 1, maxLength: 20 }),
  // Enough of them for offsets of two bytes.
  fc.tuple(message, fc.constantFrom(63, 65)).map(([one, count]) => Array.from({ length: count }, () => one)),
);
const producer = fc.oneof(
  fc.constant({}),
  fc.record({
    producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
    producerEpoch: fc.nat(32_767),
    transactionalId: fc.option(fc.string({ maxLength: 20 })),
  }),
);

/** What kafkajs sends of a request. */
async function bytesOf({ request }: ReturnType<CreateRequest>): Promise<Buffer> {
  const { buffer } = (await request.encode()) as { readonly buffer: Buffer };
  return buffer;
}

describe('given the kafkajs that is installed', () => {
  test.each([CompressionTypes.None, CompressionTypes.GZIP])(
    'when lists of ours are sent with compression %i, then it is byte for byte what kafkajs makes of them',
    async (compression) => {
      await loadCodec('gzip');
      const quick = encodingOwnBatches((data) => {
        const made = original(data);
        const encode = () => Promise.reject(new Error('left to kafkajs'));
        return { ...made, request: { ...made.request, encode } };
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(5), fc.nat(0x7fff_ffff), batch), { minLength: 1, maxLength: 3 }),
          producer,
          async (partitions, identity) => {
            const dataOf = (toList: typeof plain) => ({
              acks: -1,
              timeout: 30_000,
              compression,
              ...identity,
              topicData: [
                {
                  topic: 'speed-racer',
                  partitions: partitions.map(([partition, firstSequence, messages]) => ({
                    partition,
                    firstSequence,
                    messages: toList(partition, messages),
                  })),
                },
              ],
            });
            const data = dataOf(toGroupedList);
            const made = await Promise.all([
              bytesOf(quick(data)),
              bytesOf(quick(data)),
              bytesOf(original(dataOf(plain))),
            ]);
            expect(made[0].equals(made[2])).toBe(true);
            // While both were compressed at once.
            expect(made[1].equals(made[2])).toBe(true);
          },
        ),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  test('when there are enough messages for offsets of three bytes, then it is what kafkajs makes of them', async () => {
    const one = new ProducedMessage(Buffer.from('k'), '1700000000000', Buffer.from('v'));
    const messages = Array.from({ length: 8_200 }, () => one);
    const dataOf = (list: readonly object[]) => ({
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages: list }] }],
    });
    const own = await bytesOf(encodingOwnBatches(original)(dataOf(toGroupedList(0, messages))));
    expect(own.equals(await bytesOf(original(dataOf(plain(0, messages)))))).toBe(true);
  });

  test.each([
    ['text', { key: 'k', value: 'text' }],
    ['headers', { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'b' } }],
  ])('when messages are not a list of ours but %s, then they are left to kafkajs', async (_what, record) => {
    const topicData = [
      { topic: 't', partitions: [{ partition: 0, messages: [{ ...record, timestamp: '5' }] }] },
    ];
    const data = { acks: -1, timeout: 1, topicData };
    expect((await bytesOf(encodingOwnBatches(original)(data))).equals(await bytesOf(original(data)))).toBe(
      true,
    );
  });

  test('when kafkajs has put messages of ours into another list, then it does not get to encode them', () => {
    const one = new ProducedMessage(Buffer.from('k'), '1700000000000', Buffer.from('v'));
    const messages = [...toGroupedList(0, [one])];
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages }] }];
    expect(() => encodingOwnBatches(original)({ acks: -1, timeout: 1, topicData })).toThrow(/regrouped/);
  });

  test('when the patch is applied, then it finds what it was made for, and kafkajs asks it for requests', async () => {
    onTestFinished(() => void (versions.protocol = protocol));
    expect(produceRequest.apply()).toBeNull();
    const one = new ProducedMessage(Buffer.from('k'), '1700000000000', Buffer.from('v'));
    const numbers = { producerId: 5n, producerEpoch: 6, firstSequence: 7 };
    const list = toGroupedList(0, [one], () => numbers);
    const topicData = [{ topic: 't', partitions: [{ partition: 0, messages: list }] }];
    for (const version of [3, 4, 5, 6, 7]) {
      const bytes = await bytesOf(versions.protocol({ version })({ acks: -1, timeout: 1, topicData }));
      const expected = original({
        ...{ acks: -1, timeout: 1, producerId: '5', producerEpoch: 6 },
        topicData: [
          { topic: 't', partitions: [{ partition: 0, firstSequence: 7, messages: plain(0, [one]) }] },
        ],
      });
      expect(bytes.equals(await bytesOf(expected))).toBe(true);
    }
  });

  test.each([
    ['a later version of the request', { versions: ['7', '8'] }],
    [
      'a table that is asked in another way',
      { protocol: (version: number, other: number) => [version, other] },
    ],
    [
      'requests of another shape',
      { protocol: (asked: object) => () => ({ request: { apiName: 'Produce' }, response: asked }) },
    ],
  ])('when it has %s, then the patch stands aside and changes nothing', (_what, change) => {
    const before = { ...versions };
    onTestFinished(() => void Object.assign(versions, before));
    Object.assign(versions, change);
    const changed = { ...versions };
    expect(produceRequest.apply()).toMatch(/produce request/);
    expect({ ...versions }).toEqual(changed);
  });

  test('when its encoder writes other bytes, then the patch stands aside and changes nothing', () => {
    const { prototype } = loadInternal('src/protocol/encoder.js') as {
      readonly prototype: Record<string, unknown>;
    };
    const before = prototype['writeInt16'];
    onTestFinished(() => void (prototype['writeInt16'] = before));
    prototype['writeInt16'] = prototype['writeInt32'];
    expect(produceRequest.apply()).toMatch(/the encoder/);
    expect(versions.protocol).toBe(protocol);
  });
});
