import { readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionBoundOptions {
  /** Connections at the same time, 1 or more. */
  readonly most: number;
  /** A pause or an exchange that has just begun is not closed within this time while there are others to close. */
  readonly graceMs: number;
}

/** A connection, and since when nothing is in flight on it, or that what is in flight began. */
interface Connection {
  readonly socket: Socket;
  readonly sinceMs: number;
  readonly exchange: { readonly request: IncomingMessage; readonly response: ServerResponse } | null;
}

/**
 * Holds a server to so many connections. When one more comes, another is closed: one with nothing in flight, which is
 * also one that has not sent a whole request head yet, the longest idle first; where there is none, one whose client is
 * slow to send its body or to take its answer. Only where all are served at this moment the new one is refused. So
 * whoever opens thousands of connections and leaves them cannot take the health check away.
 */
export function boundConnections(server: Server, { most, graceMs }: ConnectionBoundOptions): void {
  /** By the addresses of both ends, since the socket of an encrypted request is not the one that was accepted. */
  const idle = new Map<string, Connection>();
  const busy = new Map<string, Connection>();

  server.on('connection', (socket: Socket) => {
    const key = keyOf(socket);
    if (key === null || (idle.size + busy.size >= most && !makeRoom())) {
      socket.destroy();
      return;
    }
    // The longest idle come first in the map, so a key that is used again goes to its end.
    idle.delete(key);
    idle.set(key, { socket, sinceMs: performance.now(), exchange: null });
    socket.once('close', () => {
      if (idle.get(key)?.socket === socket) idle.delete(key);
      if (busy.get(key)?.socket === socket) busy.delete(key);
    });
  });

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(request.socket) ?? '';
    const connection = idle.get(key) ?? busy.get(key);
    if (connection === undefined) return;
    const { socket } = connection;
    idle.delete(key);
    busy.delete(key);
    busy.set(key, { socket, sinceMs: performance.now(), exchange: { request, response } });
    response.once('close', () => {
      // Of requests that were sent ahead of their answers, the newest counts.
      if (busy.get(key)?.exchange?.response !== response) return;
      busy.delete(key);
      if (!socket.destroyed) idle.set(key, { socket, sinceMs: performance.now(), exchange: null });
    });
  });

  function makeRoom(): boolean {
    const nowMs = performance.now();
    const [longestIdle] = idle;
    if (longestIdle !== undefined && nowMs - longestIdle[1].sinceMs >= graceMs) return close(...longestIdle);
    for (const [key, connection] of busy) {
      if (nowMs - connection.sinceMs < graceMs) break;
      if (waitsForClient(connection)) return close(key, connection);
    }
    return longestIdle !== undefined && close(...longestIdle);
  }

  function close(key: string, { socket }: Connection): true {
    // At once, and not with its 'close', which comes too late for the next connection.
    idle.delete(key);
    busy.delete(key);
    socket.destroy();
    return true;
  }
}

/** Null for a connection that is gone already. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string | null {
  if (remoteAddress === undefined) return null;
  return `${remoteAddress} ${remotePort ?? 0} ${localAddress ?? ''}`;
}

/** Whether it is the client that holds up what is in flight. */
function waitsForClient({ socket, exchange }: Connection): boolean {
  return (
    exchange !== null &&
    (!exchange.request.complete || exchange.response.writableNeedDrain || socket.writableNeedDrain)
  );
}

/** Enough for all real clients, and far below the usual limit of open files. */
const MOST_CONNECTIONS = 4096;
/** With fewer than so many there is no serving at all. */
const LEAST_CONNECTIONS = 16;

/** Connections that the server takes: half of the files that the process may open, since the rest of it needs some, too. */
export function connectionLimit(openFiles: number): number {
  return Math.min(MOST_CONNECTIONS, Math.max(LEAST_CONNECTIONS, Math.floor(openFiles / 2)));
}

/** What is assumed where nothing says it. */
const USUAL_OPEN_FILES = 1024;

/** How many files this process may have open, sockets among them. Only Linux tells. */
export function openFilesLimit(): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return USUAL_OPEN_FILES;
  }
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (limit === 'unlimited') return Infinity;
  return limit === undefined ? USUAL_OPEN_FILES : Number(limit);
}
