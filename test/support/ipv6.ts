import { createServer } from 'node:net';

/** Whether this machine has `::1`; where it has not, says on standard error what is left out. For `describe.skipIf`. */
export async function loopbackHasIPv6(what: string): Promise<boolean> {
  const server = createServer();
  const has = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
  });
  server.close();
  if (has) return true;
  if (process.env['CI'] === 'true') throw new Error(`${what}: this machine has no ::1.`);
  console.warn(`${what} is skipped: this machine has no ::1.`);
  return false;
}
