import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { ClusterReader } from '../../src/kafka/cluster-reader.ts';
import { createRecall, type Recalled } from '../../src/recall/recall.ts';
import { kafkaError } from '../kafka/fake-brokers.ts';
import { START_MS } from '../series/history.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { createWriter, type WrittenMessage } from './written-messages.ts';

const MINUTE_MS = 60_000;
const forever = new AbortController().signal;

interface Entry extends WrittenMessage {
  readonly atMs: number;
  readonly isControlRecord?: boolean;
}

/** A topic that is read through fakes; a fetch answers with the whole batches that hold so many messages. */
function createTopic({ batch = 4 } = {}) {
  const logs: Entry[][] = [[], [], []];
  const state = {
    connects: 0,
    disconnects: 0,
    fetches: [] as string[],
    /** Met by the calls to come. */
    errors: [] as { readonly by: 'connect' | 'fetch'; readonly error: Error }[],
    /** A broker that answers nothing for this many fetches. */
    throttled: 0,
    /** Offsets of a batch that cannot be decompressed. */
    tooLarge: { from: 0, to: 0 },
  };
  function meet(by: 'connect' | 'fetch'): Error | undefined {
    return state.errors[0]?.by === by ? state.errors.shift()?.error : undefined;
  }
  const reader = (): ClusterReader => ({
    connect() {
      state.connects += 1;
      const error = meet('connect');
      return error === undefined ? Promise.resolve() : Promise.reject(error);
    },
    disconnect: () => void (state.disconnects += 1),
    partitions: () => [...logs.keys()],
    offsetsAt(place, partitions) {
      const offsets = partitions.map((partition) => {
        const log = logs[partition] ?? [];
        const at = typeof place === 'number' ? log.findIndex(({ atMs }) => atMs >= place) : log.length;
        return [partition, BigInt(at)] as const;
      });
      return Promise.resolve(new Map(offsets.filter(([, offset]) => offset >= 0n)));
    },
    fetch(partition, offset, maxBytes) {
      const from = Math.floor(Number(offset) / batch) * batch;
      const to = from + (maxBytes > 1 ? 3 : 1) * batch;
      if (from < state.tooLarge.to && to > state.tooLarge.from) {
        return Promise.reject(Object.assign(new RangeError('too large'), { code: 'ERR_BUFFER_TOO_LARGE' }));
      }
      const error = meet('fetch');
      if (error !== undefined) return Promise.reject(error);
      state.fetches.push(`${partition}:${offset}`);
      if (state.throttled > 0) {
        state.throttled -= 1;
        return Promise.resolve(undefined);
      }
      const log = logs[partition] ?? [];
      const messages = log
        .slice(from, to)
        .map((entry, index) => ({ isControlRecord: false, ...entry, offset: String(from + index) }));
      return Promise.resolve({ messages, lastStableOffset: String(log.length) });
    },
  });
  return {
    state,
    reader,
    /** Appends the messages of a sample that was taken at that second. */
    append(partition: number, second: number, messages: readonly WrittenMessage[]): void {
      logs[partition]?.push(...messages.map((message) => ({ ...message, atMs: START_MS + second * 1000 })));
    },
    mark(partition: number, second: number): void {
      const [message] = createWriter().sampled('marks', 'aborted', second, 1);
      if (message !== undefined)
        logs[partition]?.push({ ...message, atMs: START_MS + second * 1000, isControlRecord: true });
    },
  };
}

/** A restart an hour after {@link START_MS}. */
function given(
  topic = createTopic(),
  { mostBytes = 1e9, hasReader = true, handing = Promise.resolve() } = {},
) {
  const time = createSimulatedTime(START_MS + 60 * MINUTE_MS);
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { level: 'debug' },
    { write: (text: string) => void lines.push(JSON.parse(text) as Record<string, unknown>) },
  );
  const handed: Recalled[] = [];
  const released: number[] = [];
  const recall = createRecall(
    {
      ...time,
      random: () => 0,
      log,
      recalled(recalled) {
        handed.push(recalled);
        return handing;
      },
      released: () => void released.push(time.clock.nowMs()),
      createReader: () => (hasReader ? topic.reader() : null),
    },
    {
      kafka: {
        brokers: ['kafka-1:9092'],
        clientId: 'c',
        topic: 'speed-racer',
        compression: 'gzip',
        linesPerMessage: 1,
      },
      source: 'here',
      stepMs: MINUTE_MS,
      steps: 60,
      mostGroups: 100,
      pollIntervalMs: () => 30_000,
      mostBytes,
    },
  );
  const seconds = (group: string) =>
    (handed[0]?.takeOut('prod', group).samples ?? []).map(({ atMs }) => (atMs - START_MS) / 1000);
  return { topic, time, log: () => lines, recall, seconds, released, handed };
}

/** Samples of two groups in two partitions, two a minute, from `from` to `to` (minutes). */
function fill(topic: ReturnType<typeof createTopic>, from: number, to: number): void {
  const writer = createWriter({ linesPerMessage: 2 });
  for (let second = from * 60; second < to * 60; second += 30) {
    topic.append(0, second, writer.sampled('prod', 'even', second, second));
    topic.append(2, second + 7, writer.sampled('prod', 'odd', second + 7, second));
  }
}

const every30s = (from: number, to: number, offset = 0): number[] =>
  Array.from({ length: (to - from) * 2 }, (_, index) => from * 60 + index * 30 + offset);

describe('given a topic with the records of two hours', () => {
  test('when the sidecar starts, then those of the last hour are known, and start waited for nothing', async () => {
    const topic = createTopic();
    fill(topic, -60, 60);
    const { recall, time, seconds, log } = given(topic);
    await recall.start(forever);
    expect(recall.progress()).toEqual({ state: 'reading', sinceMs: null, share: 0, reason: null });
    await time.advance(MINUTE_MS);
    expect(recall.progress()).toEqual({ state: 'complete', sinceMs: START_MS, share: 1, reason: null });
    expect(seconds('even')).toEqual(every30s(0, 60));
    expect(seconds('odd')).toEqual(every30s(0, 60, 7));
    expect(log()).toMatchObject([
      { level: 30, msg: 'The history of the last hour was read back from the topic', groups: 2, minutes: 60 },
    ]);
    expect(topic.state).toMatchObject({ connects: 1, disconnects: 1 });
  });

  test('when not all may be read, then the newest is known and the log says what is left out', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time, seconds, log } = given(topic, { mostBytes: 100_000 });
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    const { state, sinceMs, reason } = recall.progress();
    expect({ state, reason }).toEqual({
      state: 'partial',
      reason: 'the sidecar takes at most 0.1 MB of records at its start',
    });
    const sinceMinute = ((sinceMs ?? 0) - START_MS) / MINUTE_MS;
    expect(sinceMinute).toBeGreaterThan(0);
    expect(seconds('even')).toEqual(every30s(sinceMinute, 60));
    expect(log()).toMatchObject([
      {
        level: 30,
        msg: 'A part of the history of the last hour was read back from the topic',
        minutes: 60 - sinceMinute,
      },
    ]);
  });

  test('when little may be read, then the newest minutes are known', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time } = given(topic, { mostBytes: 12_000 });
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    expect(recall.progress()).toMatchObject({ state: 'partial', sinceMs: START_MS + 58 * MINUTE_MS });
  });

  test('when messages come while it is read, then they are left to those who have polled them', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time, seconds } = given(topic);
    await recall.start(forever);
    await time.settle();
    fill(topic, 60, 61);
    await time.advance(MINUTE_MS);
    expect(seconds('even')).toEqual(every30s(0, 60));
  });

  test('when a broker fails in the middle, then it goes on where it was', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    topic.state.errors.push({ by: 'connect', error: kafkaError('KafkaJSConnectionError', {}) });
    const { recall, time, seconds, log } = given(topic);
    await recall.start(forever);
    await time.advance(810);
    const before = topic.state.fetches.length;
    topic.state.errors.push({
      by: 'fetch',
      error: kafkaError('KafkaJSProtocolError', { type: 'NOT_LEADER_FOR_PARTITION' }),
    });
    await time.advance(2 * MINUTE_MS);
    expect(recall.progress().state).toBe('complete');
    expect(seconds('even')).toEqual(every30s(0, 60));
    expect(before).toBeGreaterThan(0);
    expect(topic.state).toMatchObject({ connects: 3, disconnects: 3 });
    expect(log().map(({ level }) => level)).toEqual([20, 20, 30]);
  });

  test('when brokers limit how fast it is read, and aborted records lie between, then it comes to its end', async () => {
    const topic = createTopic();
    topic.state.throttled = 2;
    const writer = createWriter();
    topic.append(1, 60, writer.sampled('prod', 'even', 60, 1));
    for (let index = 0; index < 9; index++) topic.mark(1, 70);
    topic.append(1, 90, writer.sampled('prod', 'even', 90, 2));
    const { recall, time, seconds, handed } = given(topic);
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    expect(seconds('even')).toEqual([60, 90]);
    expect(handed[0]?.takeOut('marks', 'aborted')).toEqual({ samples: [], points: [] });
  });

  test('when a batch cannot be decompressed, then it alone is passed over, and counted', async () => {
    const topic = createTopic({ batch: 4 });
    const writer = createWriter();
    const all = every30s(50, 60);
    for (const second of all) topic.append(0, second, writer.sampled('prod', 'even', second, second));
    topic.state.tooLarge = { from: 8, to: 12 };
    const { recall, time, seconds, log } = given(topic);
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    expect(recall.progress().state).toBe('complete');
    expect(log()[0]).toMatchObject({ unreadableBatches: 1, messages: 16 });
    expect(seconds('even')).toEqual(all.filter((_, index) => index < 8 || index >= 12));
  });

  test('when a clock that was wrong has written records of the time to come, then these are left out', async () => {
    const topic = createTopic();
    const writer = createWriter();
    topic.append(0, 3570, writer.sampled('prod', 'even', 3570, 1));
    topic.append(0, 3600, writer.sampled('prod', 'even', 3600, 2));
    topic.append(0, 3 * 3600, writer.sampled('prod', 'even', 3 * 3600, 3));
    const { recall, time, handed } = given(topic);
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    const { samples, points } = handed[0]?.takeOut('prod', 'even') ?? { samples: [], points: [] };
    expect(samples.map(({ totalLagRecords }) => totalLagRecords)).toEqual([1, 2]);
    expect(points.map(({ value }) => value)).toEqual([0, 1, 2]);
  });

  test('when groups are not seen again, then what is known of them is dropped after a while', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time, released } = given(topic);
    await recall.start(forever);
    await time.advance(9 * MINUTE_MS);
    expect(released).toEqual([]);
    await time.advance(2 * MINUTE_MS);
    expect(released).toHaveLength(1);
    expect(time.pending()).toBe(0);
  });

  test('when the sidecar stops before that, then nothing is left running', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time, released } = given(topic);
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    await recall.stop(forever);
    expect({ pending: time.pending(), released }).toEqual({ pending: 0, released: [] });
  });

  test('when the sidecar stops while what was read is put where it belongs, then nothing is left running', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    let handOver = (): void => undefined;
    const { recall, time, handed } = given(topic, {
      handing: new Promise<void>((resolve) => (handOver = resolve)),
    });
    await recall.start(forever);
    await time.advance(MINUTE_MS);
    const stopped = recall.stop(forever);
    handOver();
    await stopped;
    expect({ handed: handed.length, pending: time.pending() }).toEqual({ handed: 1, pending: 0 });
  });

  test('when the sidecar stops in the middle, then nothing is left running', async () => {
    const topic = createTopic();
    fill(topic, 0, 60);
    const { recall, time, handed } = given(topic);
    await recall.start(forever);
    await time.advance(20);
    await recall.stop(forever);
    expect({ pending: time.pending(), disconnects: topic.state.disconnects, handed: handed.length }).toEqual({
      pending: 0,
      disconnects: 1,
      handed: 0,
    });
  });
});

describe('given a topic that cannot be read', () => {
  test.each([
    [
      'it is missing',
      kafkaError('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' }),
      { state: 'complete', share: 1, reason: null },
      'The topic has no records of the last hour: there is no history to read back',
    ],
    [
      'that is not allowed',
      kafkaError('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' }),
      {
        state: 'failed',
        share: 0,
        reason: 'reading topic speed-racer is not allowed: grant this user Read and Describe on it',
      },
      'The history of the last hour could not be read back from the topic',
    ],
  ])('when %s, then one line says so', async (_what, error, outcome, msg) => {
    const topic = createTopic();
    topic.state.errors.push({ by: 'connect', error });
    const { recall, time, log, handed } = given(topic);
    await recall.start(forever);
    await time.advance(20 * MINUTE_MS);
    expect(recall.progress()).toEqual({ sinceMs: null, ...outcome });
    expect(log()).toHaveLength(1);
    expect(log()[0]).toMatchObject({
      level: 30,
      msg,
      ...(outcome.reason !== null && { reason: outcome.reason }),
    });
    expect({ handed: handed.length, pending: time.pending() }).toEqual({ handed: 0, pending: 0 });
  });

  test('when brokers stay away, then reading ends after some minutes', async () => {
    const topic = createTopic();
    for (let count = 0; count < 100; count++)
      topic.state.errors.push({ by: 'connect', error: kafkaError('KafkaJSConnectionError', {}) });
    const { recall, time } = given(topic);
    await recall.start(forever);
    await time.advance(4 * MINUTE_MS);
    expect(recall.progress().state).toBe('reading');
    await time.advance(2 * MINUTE_MS);
    expect(recall.progress().state).toBe('failed');
    expect(time.pending()).toBe(0);
  });

  test('when this kafkajs has no way to read it so, then that is said', async () => {
    const { recall, time, log } = given(createTopic(), { hasReader: false });
    await recall.start(forever);
    await time.settle();
    expect(recall.progress()).toMatchObject({ state: 'failed' });
    expect(log()[0]?.['reason']).toContain('package-lock.json');
  });
});
