import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Pool } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectReusingBuffer } from '../../src/burrow/reused-buffer-socket.ts';
import { startServer } from './scripted-server.ts';

function recordedLog() {
  const facts: object[] = [];
  return { facts, log: { warn: (given: object) => void facts.push(given) } };
}

/** The text of one answer, and whether its socket reads into the shared buffer. */
async function get(connect: ReturnType<typeof connectReusingBuffer>) {
  const server = await startServer((_request, response) => response.end('answer'));
  const sockets: Socket[] = [];
  const pool = new Pool(`http://127.0.0.1:${server.port}`, {
    connect: (target, callback) =>
      connect(target, (...result) => {
        if (result[1] !== null) sockets.push(result[1]);
        callback(...result);
      }),
  });
  onTestFinished(() => pool.close());
  const { body } = await pool.request({ path: '/', method: 'GET' });
  return { text: await body.text(), isShared: sockets.some((socket) => Object.hasOwn(socket, 'read')) };
}

describe('given the undici that is installed', () => {
  test('when it connects, then its sockets share a buffer, and nothing is said', async () => {
    const { facts, log } = recordedLog();
    expect(await get(connectReusingBuffer({ log }, {}))).toEqual({ text: 'answer', isShared: true });
    expect(facts).toEqual([]);
  });
});

describe('given an undici of another version', () => {
  test('when it connects, then it does so by itself, and that is said once', async () => {
    const { facts, log } = recordedLog();
    const deps = { log, undiciVersion: '99.0.0' };
    connectReusingBuffer(deps, {});
    expect(await get(connectReusingBuffer(deps, {}))).toEqual({ text: 'answer', isShared: false });
    expect(facts).toEqual([{ undiciVersion: '99.0.0', reason: 'it is for 7.30.2' }]);
  });
});

describe('given an undici that reads its sockets in another way', () => {
  /** Sends each text when the one before has arrived. */
  async function startTurns(texts: readonly string[]): Promise<number> {
    const server = createServer((socket) => {
      const left = [...texts];
      const next = (): void => void socket.write(left.shift() ?? '');
      socket.on('data', () => (left.length > 0 ? next() : socket.end()));
      socket.on('error', () => undefined);
      next();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }

  test('when it keeps what it has read, then that stays as it was, and later sockets are its own', async () => {
    const { facts, log } = recordedLog();
    const connect = connectReusingBuffer({ log }, {});
    const connected = async (): Promise<Socket> => {
      const port = String(await startTurns(['first', 'other', 'third']));
      const target = { hostname: '127.0.0.1', protocol: 'http:', port };
      return new Promise((resolve, reject) => {
        connect(target, (error, socket) => (error === null ? resolve(socket) : reject(error)));
      });
    };
    const socket = await connected();
    const kept: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      kept.push(chunk);
      socket.write('next');
    });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(kept.map(String)).toEqual(['first', 'other', 'third']);
    expect(facts).toMatchObject([{ reason: 'it reads its sockets in another way' }]);
    const later = await connected();
    onTestFinished(() => void later.destroy());
    expect([Object.hasOwn(socket, 'read'), Object.hasOwn(later, 'read')]).toEqual([true, false]);
  });
});
