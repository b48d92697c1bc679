import { describe, expect, test } from 'vitest';
import { LIMITS, serve } from './serve.ts';

const as = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

describe('given a server that runs', () => {
  test('when it gets another token, then that one is wanted from the next request on', async () => {
    const { server, url } = await serve({}, { token: 'one' });
    const ask = async (token: string) => (await fetch(`${url}/api/overview`, as(token))).status;
    expect([await ask('one'), await ask('two')]).toEqual([200, 401]);
    server.reconfigure({ token: 'two', limits: LIMITS });
    expect([await ask('one'), await ask('two')]).toEqual([401, 200]);
    server.reconfigure({ limits: LIMITS });
    expect(await ask('none at all')).toBe(200);
  });

  test('when it gets another token, then event streams that are open end; otherwise they stay', async () => {
    const { server, url } = await serve({}, { token: 'one' });
    const { body } = await fetch(`${url}/api/events`, as('one'));
    const reader = body!.getReader();
    await reader.read();
    server.reconfigure({ token: 'one', limits: { ...LIMITS, sinkSilentMs: 1 } });
    expect((await fetch(`${url}/api/overview`, as('one'))).status).toBe(200);
    server.reconfigure({ token: 'two', limits: LIMITS });
    const toItsEnd = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(toItsEnd()).rejects.toThrow();
  });

  test('when it gets other limits, then its health is judged by them', async () => {
    const { server, url } = await serve();
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
    server.reconfigure({ limits: { ...LIMITS, burrowSilentMs: 1 } });
    expect((await fetch(`${url}/health-check`)).status).toBe(503);
  });
});
