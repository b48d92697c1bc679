import { createRequire } from 'node:module';
import { CompressionTypes } from 'kafkajs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadCodec } from '../../../src/kafka/messages/kafka-codec.ts';
import { toPartitionMessages } from '../../../src/kafka/patches/message-grouping.ts';
import { ProducedMessage } from '../../../src/kafka/messages/produced-message.ts';
import { cureProduceRequest, quickly } from '../../../src/kafka/patches/produce-request.ts';

const require = createRequire(import.meta.url);
const path = require.resolve('kafkajs/src/protocol/requests/produce/v3/request.js');
const original = require(path) as Parameters<typeof quickly>[0];

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
async function bytesOf(request: { encode(): Promise<unknown> }): Promise<Buffer> {
  const { buffer } = (await request.encode()) as { readonly buffer: Buffer };
  return buffer;
}

describe('given the kafkajs that is installed', () => {
  test.each([CompressionTypes.None, CompressionTypes.GZIP])(
    'when lists of ours are sent with compression %i, then it is byte for byte what kafkajs makes of them',
    async (compression) => {
      await loadCodec('gzip');
      const quick = quickly((data) => ({
        ...original(data),
        encode: () => Promise.reject(new Error('left to kafkajs')),
      }));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(5), fc.nat(0x7fff_ffff), batch), { minLength: 1, maxLength: 3 }),
          producer,
          async (partitions, identity) => {
            const data = {
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
                    messages: toPartitionMessages(partition, messages),
                  })),
                },
              ],
            };
            const made = await Promise.all([
              bytesOf(quick(data)),
              bytesOf(quick(data)),
              bytesOf(original(data)),
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
    const messages = toPartitionMessages(
      0,
      Array.from({ length: 8_200 }, () => one),
    );
    const data = {
      acks: -1,
      timeout: 1,
      topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
    };
    expect((await bytesOf(quickly(original)(data))).equals(await bytesOf(original(data)))).toBe(true);
  });

  test.each([
    ['text', { key: 'k', value: 'text' }],
    ['headers', { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'b' } }],
  ])('when messages are not a list of ours but %s, then they are left to kafkajs', async (_what, record) => {
    const topicData = [
      { topic: 't', partitions: [{ partition: 0, messages: [{ ...record, timestamp: '5' }] }] },
    ];
    const data = { acks: -1, timeout: 1, topicData };
    expect((await bytesOf(quickly(original)(data))).equals(await bytesOf(original(data)))).toBe(true);
  });

  test('when the cure is applied, once or twice, then it finds its version and is what kafkajs will load', () => {
    expect([cureProduceRequest(), cureProduceRequest()]).toEqual([true, true]);
    expect(require(path)).not.toBe(original);
  });
});
