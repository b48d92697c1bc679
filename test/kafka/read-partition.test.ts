import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KafkaClient } from '../../src/kafka/kafka-client.ts';
import { applyPatches } from '../../src/kafka/patches/patches.ts';
import { readPartition } from '../../src/kafka/read-partition.ts';

const forever = new AbortController().signal;
const options = { topic: 'spans', partition: 0, groupPrefix: 'test' };

beforeAll(() => applyPatches({ log: pino({ level: 'silent' }) }));

interface Message {
  readonly offset: number;
  readonly key: string;
  readonly isControlRecord?: boolean;
}

/** kafkajs's client in front of a partition that answers each fetch with the messages of one batch. */
function createClient(batches: readonly { readonly to: number; readonly messages: readonly Message[] }[]) {
  const asked: string[] = [];
  const state = { isDisconnected: false, throttled: 0 };
  const lastStableOffset = String(batches.at(-1)?.to ?? 0);
  const fetch = (request: {
    readonly topics: readonly { readonly partitions: readonly { readonly fetchOffset: string }[] }[];
  }) => {
    const offset = request.topics[0]?.partitions[0]?.fetchOffset ?? '';
    asked.push(offset);
    if (state.throttled > 0) {
      state.throttled -= 1;
      return Promise.resolve({ responses: [] });
    }
    const batch = batches.find(({ to }) => to > Number(offset));
    // A real broker lets a reader wait at the end.
    if (batch === undefined) return new Promise(() => undefined);
    const messages = batch.messages.map(({ offset: at, key, isControlRecord = false }) => ({
      offset: String(at),
      key: Buffer.from(key),
      value: null,
      isControlRecord,
    }));
    return Promise.resolve({ responses: [{ partitions: [{ lastStableOffset, messages }] }] });
  };
  const cluster = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(void (state.isDisconnected = true)),
    addTargetTopic: (_topic: string) => Promise.resolve(),
    fetchTopicsOffset: (_topics: unknown) =>
      Promise.resolve([{ partitions: [{ partition: 0, offset: '5' }] }]),
    findTopicPartitionMetadata: (_topic: string) => [{ partitionId: 0, leader: 1 }],
    findBroker: (_of: unknown) => Promise.resolve({ fetch }),
  };
  const client = { [Symbol('private:Kafka:createCluster')]: () => cluster } as unknown as KafkaClient;
  return { client, cluster, asked, state };
}

function createTaker(enough: (keys: readonly string[]) => boolean) {
  const keys: string[] = [];
  let steps = 0;
  return {
    keys,
    steps: () => steps,
    take(messages: readonly { readonly key: Buffer | null }[]) {
      keys.push(...messages.map(({ key }) => String(key)));
      return Promise.resolve(enough(keys));
    },
    progressed: () => void (steps += 1),
  };
}

describe('given a partition', () => {
  test('when it is read, then from its beginning, each message once, until that is enough', async () => {
    const { client, asked, state } = createClient([
      // A compressed batch is whole, though only its end is asked for.
      { to: 7, messages: [4, 5, 6].map((offset) => ({ offset, key: `m${offset}` })) },
      { to: 9, messages: [7, 8].map((offset) => ({ offset, key: `m${offset}` })) },
      { to: 99, messages: [{ offset: 9, key: 'too far' }] },
    ]);
    const taker = createTaker((keys) => keys.includes('m8'));
    await readPartition(client, options, taker, forever);
    expect(taker.keys).toEqual(['m5', 'm6', 'm7', 'm8']);
    expect(asked).toEqual(['5', '7']);
    expect(state.isDisconnected).toBe(true);
  });

  test('when a batch has nothing to show, then reading comes on and passes over it', async () => {
    const { client } = createClient([
      { to: 6, messages: [{ offset: 5, key: 'commit', isControlRecord: true }] },
      { to: 7, messages: [{ offset: 6, key: 'end' }] },
    ]);
    const taker = createTaker((keys) => keys.includes('end'));
    await readPartition(client, options, taker, forever);
    expect({ keys: taker.keys, steps: taker.steps() }).toEqual({ keys: ['end'], steps: 3 });
  });

  test('when compaction has emptied a batch, then no message behind it is passed over', async () => {
    const { client, asked } = createClient([
      { to: 8, messages: [] },
      { to: 9, messages: [{ offset: 8, key: 'end' }] },
    ]);
    const taker = createTaker((keys) => keys.includes('end'));
    await readPartition(client, options, taker, forever);
    expect(taker.keys).toEqual(['end']);
    expect(asked).toEqual(['5', '6', '7', '8']);
  });

  test('when it is aborted at its end, then it rejects and disconnects', async () => {
    const { client, state } = createClient([{ to: 6, messages: [{ offset: 5, key: 'a' }] }]);
    const stop = new AbortController();
    const taker = createTaker(() => false);
    const read = readPartition(client, options, taker, stop.signal);
    setImmediate(() => stop.abort(new Error('given up')));
    await expect(read).rejects.toThrow('given up');
    expect(state.isDisconnected).toBe(true);
  });

  test('when it is given up while what was read is taken, then it does not wait for that', async () => {
    const { client, state } = createClient([{ to: 6, messages: [{ offset: 5, key: 'a' }] }]);
    const stop = new AbortController();
    const taker = { take: () => new Promise<boolean>(() => undefined), progressed: () => undefined };
    const read = readPartition(client, options, taker, stop.signal);
    setImmediate(() => stop.abort(new Error('given up')));
    await expect(read).rejects.toThrow('given up');
    expect(state.isDisconnected).toBe(true);
  });

  test('when the brokers limit how fast it is read, then it goes on where it was', async () => {
    const { client, asked, state } = createClient([{ to: 6, messages: [{ offset: 5, key: 'end' }] }]);
    state.throttled = 2;
    const taker = createTaker((keys) => keys.includes('end'));
    await readPartition(client, options, taker, forever);
    expect(asked).toEqual(['5', '5', '5']);
  });

  test.each([
    ['has another method there', { findBroker: () => undefined }],
    ['lacks one', { fetchTopicsOffset: undefined }],
  ])('when this kafkajs %s, then a consumer group reads', async (_what, change) => {
    const { client, cluster } = createClient([]);
    Object.assign(cluster, change);
    const consumer = () => {
      throw new Error('asked for a group');
    };
    const read = readPartition(
      Object.assign(client, { consumer }),
      options,
      createTaker(() => true),
      forever,
    );
    await expect(read).rejects.toThrow('asked for a group');
  });
});
