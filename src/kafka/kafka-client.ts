import type { Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig, LogEntry } from 'kafkajs';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { restoreAddresses, showKafkajsBroker, toKafkajs } from './connection/broker-address.ts';
import { createBrokerSockets, reportSilence } from './connection/broker-sockets.ts';
import type { KafkaConnectionOptions } from './kafka-options.ts';
import { abortedReading } from './patches/aborted-reading.ts';
import { applyPatches, isApplied } from './patches/patches.ts';
import { saslOptions } from './login/kafka-sasl.ts';

/** A client of kafkajs. Other rooms import it under this name. */
export type KafkaClient = Kafka;

const CONNECTION_TIMEOUT_MS = 5000;
const AUTHENTICATION_TIMEOUT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * How long a leader may wait for its followers before it answers that they are missing: not as long as we wait for the
 * leader itself.
 */
export function produceTimeoutMs({
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: {
  readonly timeoutMs?: number;
}): number {
  return Math.ceil((timeoutMs * 2) / 3);
}

/** A request without an answer is reported as a fault after this many ms, half of its deadline. */
export function patienceMs({ timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number }): number {
  return timeoutMs / 2;
}

/** Whether those who read committed records are shown no others: not without one of the patches. */
export function readsCommittedOnly(): boolean {
  return isApplied(abortedReading);
}

/** A client of kafkajs with our patches, that logs to `log` and leaves retrying to the caller. */
export function createKafkaClient(
  deps: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly onSocket?: (broker: string, socket: Socket) => void;
  },
  options: KafkaConnectionOptions,
): KafkaClient {
  applyPatches(deps);
  const { tls, sasl, access = () => options, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const sockets = createBrokerSockets(deps, { avoidMs: timeoutMs / 3, tls: () => access().tls });
  const config: KafkaConfig = {
    socketFactory: sockets.factory,
    brokers: options.brokers.map(toKafkajs),
    clientId: options.clientId,
    connectionTimeout: Math.min(CONNECTION_TIMEOUT_MS, timeoutMs),
    authenticationTimeout: Math.min(AUTHENTICATION_TIMEOUT_MS, timeoutMs),
    requestTimeout: timeoutMs,
    // One pass over the brokers of the list is one attempt; when to make the next is decided by the sink.
    retry: { retries: options.brokers.length - 1, initialRetryTime: 50, maxRetryTime: 1000 },
    logLevel: logLevel.WARN,
    logCreator: createKafkaLog(deps),
  };
  if (tls !== undefined) config.ssl = { ...tls };
  if (sasl !== undefined) config.sasl = saslOptions(sasl, () => access().sasl);
  const kafka = new Kafka(config);
  reportSilence(kafka, (broker) => sockets.avoid(broker));
  return kafka;
}

/** The only facts taken over from kafkajs: its others may be buffers, stacks or what a broker was told. */
const facts = ['broker', 'clientId', 'error', 'retryCount', 'code', 'topic', 'partition'];
const repeatMs = 60_000;
const rememberedTexts = 100;

/**
 * Writes kafkajs's log to ours. kafkajs reports each attempt that failed as an error or a warning, even where the next
 * one succeeds; the sink itself reports what lasts. So here all is `debug`, and a text comes once a minute with the
 * number of times that it was left out.
 */
export function createKafkaLog(deps: { readonly clock: Clock; readonly log: Logger }) {
  const said = new Map<string, { atMs: number; repeated: number }>();
  return () =>
    ({ namespace, log: { message, ...extra } }: LogEntry): void => {
      const text = restoreAddresses(`${namespace}: ${message}`);
      const nowMs = deps.clock.nowMs();
      const before = said.get(text);
      if (before !== undefined && nowMs - before.atMs < repeatMs) {
        before.repeated += 1;
        return;
      }
      if (said.size >= rememberedTexts) said.clear();
      said.set(text, { atMs: nowMs, repeated: 0 });
      const known = Object.fromEntries(
        facts.flatMap((name) => (name in extra ? [[name, restored(name, extra[name])]] : [])),
      );
      const entry = { ...known, detail: text, repeated: before?.repeated ?? 0 };
      deps.log.debug(entry, 'kafkajs says');
    };
}

function restored(name: string, fact: unknown): unknown {
  if (typeof fact !== 'string') return fact;
  return name === 'broker' ? showKafkajsBroker(fact) : restoreAddresses(fact);
}
