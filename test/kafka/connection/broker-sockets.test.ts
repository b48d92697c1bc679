import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBrokerSockets, reportSilence } from '../../../src/kafka/connection/broker-sockets.ts';

const AVOID_MS = 10_000;

/** A broker that hangs: it takes connections and never answers. */
async function hangingBroker() {
  const connections: Socket[] = [];
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  return { connections, port: (server.address() as AddressInfo).port };
}

function openSockets() {
  let nowMs = 0;
  const sockets = createBrokerSockets({ clock: { nowMs: () => nowMs } }, { avoidMs: AVOID_MS });
  const open = (port: number): Socket => {
    // What kafkajs hands over where there is no TLS.
    const ssl = null as never;
    const socket = sockets.factory({ host: '127.0.0.1', port, ssl, onConnect: () => undefined });
    socket.on('error', () => undefined);
    return socket;
  };
  return { sockets, open, passes: (ms: number) => void (nowMs += ms) };
}

describe('given a broker that hangs', () => {
  test('when it is avoided, then connections to it are cut and others are not', async () => {
    const [hanging, living] = [await hangingBroker(), await hangingBroker()];
    const { sockets, open } = openSockets();
    const [cut, kept] = [open(hanging.port), open(living.port)];
    await Promise.all([once(cut, 'connect'), once(kept, 'connect')]);
    sockets.avoid(`127.0.0.1:${hanging.port}`);
    await once(cut, 'error');
    expect(kept.destroyed).toBe(false);
    kept.destroy();
  });

  test('when it is avoided, then it is left alone for a while, and then tried again', async () => {
    const hanging = await hangingBroker();
    const { sockets, open, passes } = openSockets();
    sockets.avoid(`127.0.0.1:${hanging.port}`);
    passes(AVOID_MS - 1);
    const [error] = (await once(open(hanging.port), 'error')) as [Error & { code: string }];
    expect(error.code).toBe('ETIMEDOUT');
    expect(hanging.connections).toHaveLength(0);
    passes(1);
    const socket = open(hanging.port);
    await once(socket, 'connect');
    socket.destroy();
  });

  test.each(['[--1]:9092', '::1:9092'])(
    'when kafkajs calls it %s, then it is one and the same',
    async (broker) => {
      const { sockets } = openSockets();
      sockets.avoid(broker);
      for (const host of ['[--1]', '::1']) {
        const socket = sockets.factory({ host, port: 9092, ssl: null as never, onConnect: () => undefined });
        const [error] = (await once(socket, 'error')) as [Error];
        expect(error.message).toBe('[::1]:9092 has left a request unanswered');
      }
    },
  );

  test.each(['admin', 'producer', 'consumer'] as const)(
    'when a request of an %s is not answered in time, then that is told',
    async (kind) => {
      const hanging = await hangingBroker();
      const kafka = new Kafka({
        brokers: [`127.0.0.1:${hanging.port}`],
        logLevel: logLevel.NOTHING,
        requestTimeout: 50,
        retry: { retries: 0 },
      });
      const silent: string[] = [];
      reportSilence(kafka, (broker) => void silent.push(broker));
      const client = kind === 'consumer' ? kafka.consumer({ groupId: 'g' }) : kafka[kind]();
      await expect(client.connect()).rejects.toThrow('timed out');
      expect(silent).toContain(`127.0.0.1:${hanging.port}`);
      await client.disconnect();
    },
  );
});

describe('given brokers that answer', () => {
  test('when kafkajs connects through these sockets, then it speaks as it would through its own', async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (bytes: Buffer) => {
          received.push(bytes);
          socket.destroy();
        });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { sockets } = openSockets();
    const kafka = new Kafka({
      brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`],
      logLevel: logLevel.NOTHING,
      clientId: 'in plain text',
      socketFactory: sockets.factory,
      retry: { retries: 0 },
    });
    await expect(kafka.admin().connect()).rejects.toThrow();
    expect(Buffer.concat(received).toString('latin1')).toContain('in plain text');
  });
});
