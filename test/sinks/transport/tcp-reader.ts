import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';

/** A server that takes lines over TCP and answers nothing, as a Wavefront proxy does. */
export interface TcpReader {
  readonly address: string;
  /** Whole lines, in the order in which they came, each connection apart. */
  readonly connections: readonly { readonly lines: () => readonly string[] }[];
  /** All lines of all connections. */
  lines(): readonly string[];
  /** What to do with each connection that is made from now on. */
  onConnection: (socket: Socket) => void;
  /** Ends every connection and listens no more. */
  stop(): Promise<void>;
}

/** @param port 0: any free one */
export async function startTcpReader({
  port = 0,
  tls,
}: { readonly port?: number; readonly tls?: TlsOptions } = {}): Promise<TcpReader> {
  const texts: { text: string }[] = [];
  const sockets = new Set<Socket>();
  const lines = (text: string): readonly string[] => text.split('\n').slice(0, -1);
  const reader = {
    address: '',
    connections: [] as { readonly lines: () => readonly string[] }[],
    lines: () => texts.flatMap(({ text }) => lines(text)),
    onConnection: (_socket: Socket): void => undefined,
    async stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  const accept = (socket: Socket): void => {
    const read = { text: '' };
    texts.push(read);
    reader.connections.push({ lines: () => lines(read.text) });
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => void (read.text += bytes.toString()));
    reader.onConnection(socket);
  };
  const server: Server = tls === undefined ? createServer(accept) : createTlsServer(tls, accept);
  server.on('tlsClientError', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  reader.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => reader.stop());
  return reader;
}
