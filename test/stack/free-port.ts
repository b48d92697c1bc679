import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (Linux: from 32768 on, others from 49152). A server that
 * is told its port in advance, or is down for a while, would now and then find one of those taken.
 */
const RANGE = [20_000, 32_000] as const;
/** Files that run side by side, each in a process of its own, draw from shares of the range that do not overlap. */
const SHARES = 8;
const ATTEMPTS = 200;
const handedOut = new Set<number>();

/** Ports on the loopback address that were free a moment ago, none of them given out before by this process. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count; attempt += 1) {
    if (attempt >= ATTEMPTS + count) throw new Error(`found no ${count} free ports on 127.0.0.1`);
    const port = randomInt(...ownShare());
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function ownShare(): readonly [number, number] {
  const [first, end] = RANGE;
  const size = (end - first) / SHARES;
  // Vitest numbers its workers from 1; alone there is none to keep clear of.
  const share = Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES;
  return [first + share * size, first + (share + 1) * size];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
