import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createBurrowClient } from '../../src/burrow/undici-client.ts';
import { loadConfiguration } from '../../src/config/load-configuration.ts';
import { burrowClientOptions } from '../../src/sidecar/burrow-servers.ts';
import { kafkaSinkOptions } from '../../src/sinks/kafka/kafka-destination.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createKafkaClient } from '../../src/kafka/kafka-client.ts';

const CERTIFICATES = new URL('../burrow/certificates/', import.meta.url).pathname;
const NEVER = new AbortController().signal;

interface Hello {
  readonly client: unknown;
  readonly serverName: string | false;
  readonly bytes: string;
}

/** A server that wants a client certificate; resolves with what the first client said after its handshake, null if none. */
async function startTlsServer(name: 'server' | 'stranger') {
  const read = (file: string): string => readFileSync(join(CERTIFICATES, `${file}.pem`), 'utf8');
  const given = { cert: read(name), key: read(`${name}-key`), ca: read('authority') };
  const server = createServer({ ...given, requestCert: true, rejectUnauthorized: true });
  const sockets = new Set<TLSSocket>();
  const heard = new Promise<Hello | null>((resolve) => {
    server.on('secureConnection', (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => {
        resolve({
          client: socket.getPeerCertificate().subject.CN,
          serverName: socket.servername ?? false,
          bytes: bytes.toString('latin1'),
        });
        socket.destroy();
      });
      socket.once('close', () => resolve(null));
    });
    server.on('tlsClientError', () => resolve(null));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

/** TLS settings as in a file: our certificate with an encrypted key, and these. */
function settings(more: object): object {
  const folder = mkdtempSync(join(tmpdir(), 'rainbow-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const key = createPrivateKey(readFileSync(join(CERTIFICATES, 'client-key.pem')));
  const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' });
  writeFileSync(join(folder, 'key.pem'), encrypted);
  writeFileSync(join(folder, 'passphrase'), 'open\n');
  return {
    caFile: join(CERTIFICATES, 'authority.pem'),
    certFile: join(CERTIFICATES, 'client.pem'),
    keyFile: join(folder, 'key.pem'),
    keyPassphraseFile: join(folder, 'passphrase'),
    ...more,
  };
}

/** The configuration of a file, which JSON is too. */
function configure(content: object) {
  const yaml = JSON.stringify(content);
  const loaded = loadConfiguration({
    args: { set: [], configFile: 'given.yaml' },
    env: {},
    cwd: '/',
    hostName: 'here',
    readFile: (path) => (path === '/given.yaml' ? yaml : readFileSync(path, 'utf8')),
  });
  if (loaded.kind === 'faults') throw new Error(JSON.stringify(loaded.faults));
  return loaded.configuration;
}

const clients = {
  /** One request to a Burrow there. */
  async burrow(port: number, tls: object): Promise<void> {
    const server = { url: `https://127.0.0.1:${port}`, tls };
    const [options] = burrowClientOptions(
      configure({ burrow: { servers: [server] }, sink: { type: 'stdout' } }),
    );
    const client = createBurrowClient({ scheduler: systemScheduler }, options!);
    onTestFinished(() => client.close());
    await client.clusters(NEVER);
  },
  /** One connection to a broker there. */
  async kafka(port: number, tls: object): Promise<void> {
    const kafka = { brokers: [`127.0.0.1:${port}`], clientId: 'v3-kafka', tls: { enabled: true, ...tls } };
    const deps = { clock: systemClock, log: pino({ level: 'silent' }) };
    const admin = createKafkaClient(deps, kafkaSinkOptions(configure({ kafka }))).admin();
    await admin.connect().catch(() => undefined);
    await admin.disconnect();
  },
};

describe.each(['burrow', 'kafka'] as const)('given TLS to %s with an encrypted key', (kind) => {
  const bytes = expect.stringMatching(/v3.kafka/) as string;

  test('when all is as it should be, then the server sees our certificate', async () => {
    const { port, heard } = await startTlsServer('server');
    await clients[kind](port, settings({}));
    expect(await heard).toEqual({ client: 'client', serverName: false, bytes });
  });

  test('when the certificate of the server is for another host, then nothing is sent', async () => {
    const { port, heard } = await startTlsServer('stranger');
    await clients[kind](port, settings({}));
    expect(await heard).toBeNull();
  });

  test('when that host is the serverName, then it is asked for, and trusted', async () => {
    const { port, heard } = await startTlsServer('stranger');
    await clients[kind](port, settings({ serverName: 'another-host.test' }));
    expect(await heard).toEqual({ client: 'client', serverName: 'another-host.test', bytes });
  });

  test('when the serverName is not in the certificate, then nothing is sent', async () => {
    const { port, heard } = await startTlsServer('server');
    await clients[kind](port, settings({ serverName: 'another-host.test' }));
    expect(await heard).toBeNull();
  });

  test('when no host name is verified, then any certificate of the authority will do', async () => {
    const { port, heard } = await startTlsServer('stranger');
    await clients[kind](port, settings({ verifyHostname: false }));
    expect(await heard).toEqual({ client: 'client', serverName: false, bytes });
  });

  test('when no host name is verified, then the authority still is', async () => {
    const { port, heard } = await startTlsServer('server');
    await clients[kind](
      port,
      settings({ verifyHostname: false, caFile: join(CERTIFICATES, 'stranger.pem') }),
    );
    expect(await heard).toBeNull();
  });
});
