import { connect, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory, Kafka } from 'kafkajs';
import type { Clock } from '../../platform/clock.ts';
import type { KafkaTls } from '../kafka-options.ts';
import { hostOf, showBroker, showKafkajsBroker } from './broker-address.ts';

/** Of TCP, as kafkajs sets it. */
const KEEP_ALIVE_DELAY_MS = 60_000;

/** Sockets to brokers, without those that have left a request unanswered. */
export interface BrokerSockets {
  readonly factory: ISocketFactory;
  /** Cuts the connections of this client to the broker, as kafkajs calls it, and refuses new ones for a while. */
  avoid(broker: string): void;
}

/**
 * A broker that hangs (a machine that swaps or is suspended, a network that swallows packets) still takes connections:
 * the kernel does that for it. kafkajs then asks it again and again for where the others are, and each time waits until
 * the deadline, though another broker would have answered at once. One whose connection is refused it leaves alone.
 *
 * @param options.avoidMs for how long a broker is avoided before it is tried again
 * @param deps.onSocket called with each socket that is opened
 * @param options.tls the current settings for TLS, where kafkajs uses it; default: those given to kafkajs
 */
export function createBrokerSockets(
  deps: { readonly clock: Clock; readonly onSocket?: (broker: string, socket: Socket) => void },
  options: { readonly avoidMs: number; readonly tls?: () => KafkaTls | undefined },
): BrokerSockets {
  const avoidedUntilMs = new Map<string, number>();
  const open = new Map<string, Set<Socket>>();
  const hung = (broker: string): Error =>
    Object.assign(new Error(`${broker} has left a request unanswered`), { code: 'ETIMEDOUT' });

  return {
    factory({ host, port, ssl, onConnect }) {
      const address = hostOf(host);
      const broker = showBroker(address, port);
      if (deps.clock.nowMs() < (avoidedUntilMs.get(broker) ?? 0)) {
        const refused = new Socket();
        deps.onSocket?.(broker, refused);
        return refused.destroy(hung(broker));
      }
      // kafkajs hands over what it was given for TLS, or null, whatever its types say.
      const tls = ssl as typeof ssl | null;
      const socket =
        tls === null
          ? connect({ host: address, port }, onConnect)
          : connectTls(
              {
                host: address,
                port,
                ...(isIP(address) === 0 && { servername: address }),
                ...(options.tls?.() ?? tls),
              },
              onConnect,
            );
      socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
      const sockets = open.get(broker) ?? new Set();
      open.set(broker, sockets.add(socket));
      socket.once('close', () => sockets.delete(socket));
      deps.onSocket?.(broker, socket);
      return socket;
    },
    avoid(kafkajsBroker) {
      const broker = showKafkajsBroker(kafkajsBroker);
      avoidedUntilMs.set(broker, deps.clock.nowMs() + options.avoidMs);
      for (const socket of [...(open.get(broker) ?? [])]) socket.destroy(hung(broker));
    },
  };
}

/** Calls `onSilent` with each broker that leaves a request of a client unanswered that `kafka` makes from here on. */
export function reportSilence(kafka: Kafka, onSilent: (broker: string) => void): void {
  const admin = kafka.admin.bind(kafka);
  const consumer = kafka.consumer.bind(kafka);
  const producer = kafka.producer.bind(kafka);
  kafka.admin = (options) => {
    const client = admin(options);
    client.on(client.events.REQUEST_TIMEOUT, ({ payload }) => onSilent(payload.broker));
    return client;
  };
  kafka.consumer = (options) => {
    const client = consumer(options);
    client.on(client.events.REQUEST_TIMEOUT, ({ payload }) => onSilent(payload.broker));
    return client;
  };
  kafka.producer = (options) => {
    const client = producer(options);
    client.on(client.events.REQUEST_TIMEOUT, ({ payload }) => onSilent(payload.broker));
    return client;
  };
}
