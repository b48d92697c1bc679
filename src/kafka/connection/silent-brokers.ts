import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../platform/clock.ts';

/** A broker that owes an answer, or a connection. */
export interface SilentBroker {
  /** `host:port`. */
  readonly broker: string;
  /** When it was first seen to owe one, milliseconds since the epoch. */
  readonly sinceMs: number;
}

/** Which brokers do not answer, by what goes over their sockets: kafkajs itself says nothing until its deadline. */
export interface SilentBrokers {
  watch(broker: string, socket: Socket): void;
  /** Those that owe something now, the longest silent first. To be asked again and again: each call looks at the sockets. */
  look(): readonly SilentBroker[];
  /** Whether something was read from a broker since then. */
  hasAnswered(broker: string, sinceMs: number): boolean;
}

interface Watched {
  readonly broker: string;
  isConnected: boolean;
  /** What had been written to it when something was last read from it. */
  writtenBytes: number;
}

/** A broker that nobody has waited for so long is no longer needed. */
const FORGOTTEN_MS = 10_000;

/** See {@link SilentBrokers}. */
export function createSilentBrokers({ clock }: { readonly clock: Clock }): SilentBrokers {
  const watched = new Map<Socket, Watched>();
  /** By broker: since when it owes something, and when that was last wanted. */
  const silent = new Map<string, { readonly sinceMs: number; wantedMs: number }>();

  /** By broker, when something was read from it. */
  const heardMs = new Map<string, number>();

  /** New connections are tried again and again to one that takes none, or takes them and never answers. */
  function wanted(broker: string): void {
    const nowMs = clock.nowMs();
    const known = silent.get(broker);
    if (known === undefined) silent.set(broker, { sinceMs: nowMs, wantedMs: nowMs });
    else known.wantedMs = nowMs;
  }

  return {
    watch(broker, socket) {
      const state: Watched = { broker, isConnected: false, writtenBytes: 0 };
      watched.set(socket, state);
      wanted(broker);
      socket.once(
        socket instanceof TLSSocket ? 'secureConnect' : 'connect',
        () => (state.isConnected = true),
      );
      socket.on('data', () => {
        state.writtenBytes = socket.bytesWritten;
        silent.delete(broker);
        heardMs.set(broker, clock.nowMs());
      });
      socket.once('close', () => watched.delete(socket));
    },
    look() {
      for (const [socket, { broker, isConnected, writtenBytes }] of watched) {
        if (!isConnected || socket.bytesWritten > writtenBytes) wanted(broker);
      }
      const nowMs = clock.nowMs();
      for (const [broker, { wantedMs }] of silent) {
        if (nowMs - wantedMs > FORGOTTEN_MS) silent.delete(broker);
      }
      return [...silent]
        .map(([broker, { sinceMs }]) => ({ broker, sinceMs }))
        .sort((a, b) => a.sinceMs - b.sinceMs);
    },
    hasAnswered: (broker, sinceMs) => (heardMs.get(broker) ?? -Infinity) >= sinceMs,
  };
}
