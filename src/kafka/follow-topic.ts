import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { abortable } from '../platform/abortable.ts';
import { RainbowError } from '../platform/rainbow-error.ts';
import type { Clock } from '../platform/clock.ts';
import { leaveGroup } from './kafka-admin.ts';
import { createKafkaClient } from './kafka-client.ts';
import { loadCodec } from './messages/kafka-codec.ts';
import { explainReading } from './faults/reading-fault.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';

/** Where in a topic to begin. */
export type FollowFrom =
  | { readonly kind: 'end' }
  | { readonly kind: 'beginning' }
  /** At the first message that is no older. */
  | { readonly kind: 'time'; readonly timeMs: number };

export interface FollowedMessage {
  readonly key: string | null;
  readonly value: string;
}

export interface FollowDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with what was read, a part of one partition at a time, in its order. What follows waits for it. */
  readonly take: (messages: readonly FollowedMessage[]) => Promise<void>;
  /** It is read now: what comes is taken at once. May be called again, after the brokers were away. */
  readonly onReading?: () => void;
  readonly onSocket?: (broker: string, socket: Socket) => void;
}

const GROUP_PREFIX = 'burrow-rainbow-tail-';

/** Leaving the group may take long with a broker that does not answer. */
const LEAVING_MS = 3000;
/** A broker answers a fetch within half a second, even when there is nothing new. */
const MAX_WAIT_MS = 500;
/** When there was no answer for this long, kafkajs is taken to be stuck, and a new consumer is made. */
const SILENCE_MS = 10_000;
const PAUSE_MS = 1000;
const MESSAGES_AT_ONCE = 500;

/** What waiting does not change. */
const HOPELESS: ReadonlySet<string> = new Set(['topic', 'forbidden', 'credentials', 'certificate']);

/**
 * Reads a topic, committed records only, and goes on reading as it grows, until the signal aborts; then it resolves.
 * Once it has begun, brokers may go away and come back. Rejects with a KAFKA_TOPIC_UNREADABLE error.
 *
 * kafkajs reads in a consumer group alone. Each has a name of its own, commits nothing, and is removed at the end:
 * Burrow, which hears of groups by their commits and joins, may list it for a moment, and by default those that begin
 * with burrow- are not followed.
 */
export async function followTopic(
  deps: FollowDeps,
  options: KafkaConnectionOptions & { readonly topic: string },
  from: FollowFrom,
  signal: AbortSignal,
): Promise<void> {
  const { topic } = options;
  const context = { brokers: options.brokers, topic, groupPrefix: GROUP_PREFIX };
  /** By partition, the offset to go on with. */
  let next: Map<number, bigint> | null = null;
  /** The reason that was logged last; '' since the topic could be read. */
  let loggedReason = '';
  // The topic may have been written with any compression. One that this process lacks fails when it is met.
  await Promise.allSettled((['snappy', 'lz4', 'zstd'] as const).map(loadCodec));
  while (!signal.aborted) {
    const kafka = createKafkaClient(deps, options);
    try {
      next ??= await abortable(findStart(kafka, topic, from), signal);
      await readUntilLost(kafka, next);
    } catch (error) {
      if (isOver()) return;
      const { cause, reason } = explainReading(error, context);
      if (next === null || HOPELESS.has(cause)) {
        throw new RainbowError('KAFKA_TOPIC_UNREADABLE', reason, { cause: error });
      }
      if (reason !== loggedReason)
        deps.log.warn({ reason }, 'The topic cannot be read at the moment: trying again');
      loggedReason = reason;
      await abortable(pause(PAUSE_MS), signal).catch(() => undefined);
    }
  }

  function isOver(): boolean {
    return signal.aborted;
  }

  /** Settles only when it cannot go on. */
  async function readUntilLost(kafka: Kafka, offsets: Map<number, bigint>): Promise<never> {
    const groupId = `${GROUP_PREFIX}${randomUUID()}`;
    const consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: MAX_WAIT_MS,
      readUncommitted: false,
      // We make a new consumer instead.
      retry: { retries: 2, initialRetryTime: 200, restartOnFailure: () => Promise.resolve(false) },
    });
    let answeredAtMs = deps.clock.nowMs();
    let isTaking = false;
    const answered = (): void => void (answeredAtMs = deps.clock.nowMs());
    let watch: NodeJS.Timeout | undefined;
    try {
      await abortable(consumer.connect(), signal);
      await abortable(consumer.subscribe({ topic, fromBeginning: true }), signal);
      const lost = new Promise<never>((_resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
        watch = setInterval(() => {
          // While we are busy with messages, nothing is fetched.
          if (!isTaking && deps.clock.nowMs() - answeredAtMs > SILENCE_MS) {
            reject(new RainbowError('KAFKA_SILENT', 'the brokers have not answered for long'));
          }
        }, MAX_WAIT_MS);
      });
      // It may reject while nobody waits for it yet.
      lost.catch(() => undefined);
      consumer.on('consumer.fetch', answered);
      // Nothing is committed: we set the offsets to go on with whenever the consumer has joined its group.
      consumer.on('consumer.group_join', ({ payload }) => {
        answered();
        loggedReason = '';
        for (const partition of payload.memberAssignment[topic] ?? []) {
          consumer.seek({ topic, partition, offset: String(offsets.get(partition) ?? 0n) });
        }
        deps.onReading?.();
      });
      const running = consumer.run({
        autoCommit: false,
        eachBatch: async (payload) => {
          const { batch } = payload;
          if (payload.isStale() || isOver()) return;
          const wanted = offsets.get(batch.partition) ?? 0n;
          const messages = batch.messages.filter(({ offset }) => BigInt(offset) >= wanted);
          for (let at = 0; at < messages.length; at += MESSAGES_AT_ONCE) {
            const part = messages.slice(at, at + MESSAGES_AT_ONCE);
            isTaking = true;
            await deps.take(part.flatMap(toFollowed));
            isTaking = false;
            answered();
            if (isOver()) return;
            offsets.set(batch.partition, BigInt(part.at(-1)?.offset ?? 0) + 1n);
            await payload.heartbeat();
          }
        },
      });
      await abortable(Promise.race([running, lost]), signal);
      return await abortable(lost, signal);
    } finally {
      clearInterval(watch);
      const left = leaveGroup(kafka, consumer, groupId);
      await abortable(left, AbortSignal.timeout(LEAVING_MS)).catch(() => undefined);
    }
  }
}

function toFollowed(message: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}): FollowedMessage[] {
  if (message.value === null) return [];
  return [{ key: message.key?.toString() ?? null, value: message.value.toString() }];
}

/** The offset of each partition to begin with. */
async function findStart(kafka: Kafka, topic: string, from: FollowFrom): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    if (from.kind === 'time') {
      const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, from.timeMs);
      return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
    }
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets.map(({ partition, low, high }) => [partition, BigInt(from.kind === 'end' ? high : low)]),
    );
  } finally {
    admin.disconnect().catch(() => undefined);
  }
}
