import { connect, createServer, type Socket } from 'node:net';

/**
 * A line to a server on which bytes can be held, as by a network that drops packets for a while: the kernel of the
 * sender goes on sending them again, also when the program has closed its end long ago.
 */
export interface HeldLine {
  readonly port: number;
  /** From now on nothing passes on connections that are open, in either direction. */
  hold(): void;
  /** The same for connections to come: they are taken, and nothing passes. */
  holdNew(): void;
  /** What is held passes on: first that of the newest connections, the oldest last. Resolves when it has passed. */
  release(): Promise<void>;
  /** Bytes to the server that are held. */
  heldBytes(): number;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  isHeld: boolean;
  /** Towards the server and back. */
  readonly kept: readonly [Buffer[], Buffer[]];
  isNearOver: boolean;
}

/** Time for the server to read what one connection has held, before that of the next passes. */
const APART_MS = 300;

/** Opens a port that leads to `targetPort`. */
export async function openHeldLine(port: number, targetPort: number): Promise<HeldLine> {
  const pairs = new Set<Pair>();
  let isHoldingNew = false;
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    const pair: Pair = { near, far, isHeld: isHoldingNew, kept: [[], []], isNearOver: false };
    pairs.add(pair);
    near.on('data', (bytes) => (pair.isHeld ? pair.kept[0].push(bytes) : far.write(bytes)));
    far.on('data', (bytes) => (pair.isHeld ? pair.kept[1].push(bytes) : near.write(bytes)));
    near.on('error', () => undefined);
    far.on('error', () => undefined);
    near.on('close', () => {
      pair.isNearOver = true;
      if (!pair.isHeld) far.end();
    });
    far.on('close', () => {
      pairs.delete(pair);
      near.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    hold() {
      for (const pair of pairs) pair.isHeld = true;
    },
    holdNew: () => void (isHoldingNew = true),
    async release() {
      isHoldingNew = false;
      for (const pair of [...pairs].reverse()) {
        if (!pair.isHeld) continue;
        pair.isHeld = false;
        for (const bytes of pair.kept[0].splice(0)) pair.far.write(bytes);
        for (const bytes of pair.kept[1].splice(0)) pair.near.write(bytes);
        await new Promise((resolve) => setTimeout(resolve, APART_MS));
        if (pair.isNearOver) pair.far.end();
      }
    },
    heldBytes: () => [...pairs].flatMap(({ kept }) => kept[0]).reduce((sum, { length }) => sum + length, 0),
    async close() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
