import { once } from 'node:events';
import { connect, createServer, Socket, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSilentBrokers } from '../../../src/kafka/connection/silent-brokers.ts';

/** A broker that answers each request with one byte, or not at all. */
async function broker(answers: boolean): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => answers && socket.write('!'));
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function given() {
  let nowMs = 1000;
  const brokers = createSilentBrokers({ clock: { nowMs: () => nowMs } });
  async function open(name: string, port: number): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port });
    onTestFinished(() => void socket.destroy());
    brokers.watch(name, socket);
    await once(socket, 'connect');
    return socket;
  }
  async function ask(socket: Socket, isAnswered: boolean): Promise<void> {
    socket.write('?');
    if (isAnswered) await once(socket, 'data');
  }
  return { brokers, open, ask, passes: (ms: number) => void (nowMs += ms) };
}

describe('given the sockets of brokers', () => {
  test('when one does not answer, then it is silent since it was asked, and the other is not', async () => {
    const { brokers, open, ask, passes } = given();
    const [good, hanging] = [
      await open('good:1', await broker(true)),
      await open('bad:1', await broker(false)),
    ];
    passes(500);
    await ask(good, true);
    await ask(hanging, false);
    passes(5000);
    expect(brokers.look()).toEqual([{ broker: 'bad:1', sinceMs: 1000 }]);
  });

  test('when one that has answered is asked and stops to answer, then it is silent since about then', async () => {
    const { brokers, open, ask, passes } = given();
    const port = await broker(true);
    const socket = await open('a:1', port);
    await ask(socket, true);
    passes(60_000);
    expect(brokers.look()).toEqual([]);
    const hanging = await open('b:1', await broker(false));
    await ask(hanging, false);
    expect(brokers.look()).toEqual([{ broker: 'b:1', sinceMs: 61_000 }]);
    await ask(socket, true);
    expect(brokers.look()).toHaveLength(1);
  });

  test('when it is connected to again and again, then it is silent since the first time, until it answers', async () => {
    const { brokers, open, ask, passes } = given();
    const [hanging, answering] = [await broker(false), await broker(true)];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const socket = await open('a:1', hanging);
      passes(5000);
      socket.destroy();
      await once(socket, 'close');
    }
    expect(brokers.look()).toEqual([{ broker: 'a:1', sinceMs: 1000 }]);
    expect(brokers.hasAnswered('a:1', 1000)).toBe(false);
    await ask(await open('a:1', answering), true);
    expect(brokers.look()).toEqual([]);
    expect([16_000, 16_001].map((sinceMs) => brokers.hasAnswered('a:1', sinceMs))).toEqual([true, false]);
  });

  test('when no connection comes about, then it is silent, and forgotten when nobody tries any more', () => {
    const { brokers, passes } = given();
    const socket = new Socket();
    brokers.watch('a:1', socket);
    passes(5000);
    expect(brokers.look()).toEqual([{ broker: 'a:1', sinceMs: 1000 }]);
    socket.destroy();
    socket.emit('close');
    passes(10_001);
    expect(brokers.look()).toEqual([]);
  });
});
