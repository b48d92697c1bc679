import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createScriptedBurrow } from './scripted-burrow.ts';
import { getJson, handClock, running } from '../../simulator/running.ts';

const NOW_MS = 1_800_000_000_000;

async function aBurrow() {
  const burrow = await running(createScriptedBurrow({ clock: handClock(NOW_MS) }));
  burrow.world.setOffsets('orders', 'placed', [1500, 1600]);
  burrow.world.setLag('orders', 'worker', 'placed', 0, {
    lagRecords: 7,
    owner: '/10.0.0.1',
    clientId: 'w-1',
  });
  burrow.world.setLag('orders', 'worker', 'placed', 1, 0);
  return burrow;
}

describe('given a world written by hand', () => {
  test('when the lists are asked for, then they name what is there', async () => {
    const { url } = await aBurrow();
    const request = (path: string) => ({ url: path, host: 'simulated-burrow' });
    expect(await getJson(`${url}/v3/kafka`)).toEqual({
      error: false,
      message: 'cluster list returned',
      clusters: ['orders'],
      request: request('/v3/kafka'),
    });
    expect(await getJson(`${url}/v3/kafka/orders/topic`)).toEqual({
      error: false,
      message: 'topic list returned',
      topics: ['placed'],
      request: request('/v3/kafka/orders/topic'),
    });
    expect(await getJson(`${url}/v3/kafka/orders/consumer`)).toEqual({
      error: false,
      message: 'consumer list returned',
      consumers: ['worker'],
      request: request('/v3/kafka/orders/consumer'),
    });
    expect(await getJson(`${url}/v3/kafka/orders`)).toMatchObject({ module: { 'class-name': 'kafka' } });
  });

  test('when lag is asked for, then the whole answer has the shape of Burrow', async () => {
    const { url, world } = await aBurrow();
    world.removePartition('orders', 'worker', 'placed', 1);
    const partition = {
      topic: 'placed',
      partition: 0,
      owner: '/10.0.0.1',
      client_id: 'w-1',
      status: 'OK',
      start: { offset: 1000, timestamp: NOW_MS - 45_000, observedAt: NOW_MS - 45_000, lag: 7 },
      end: { offset: 1000, timestamp: NOW_MS, observedAt: NOW_MS, lag: 7 },
      current_lag: 7,
      complete: 0.2,
    };
    expect(await getJson(`${url}/v3/kafka/orders/consumer/worker/lag`)).toEqual({
      error: false,
      message: 'consumer status returned',
      status: {
        cluster: 'orders',
        group: 'worker',
        status: 'OK',
        complete: 0,
        partitions: [partition],
        partition_count: 1,
        maxlag: partition,
        totallag: 7,
      },
      request: { url: '/v3/kafka/orders/consumer/worker/lag', host: 'simulated-burrow' },
    });
  });

  test('when status is asked for, then partitions that are OK are absent', async () => {
    const { url, world } = await aBurrow();
    world.setLag('orders', 'worker', 'placed', 0, { status: 'STALL' });
    expect(await getJson(`${url}/v3/kafka/orders/consumer/worker/status`)).toMatchObject({
      status: {
        status: 'ERR',
        partition_count: 2,
        totallag: 7,
        partitions: [{ partition: 0, current_lag: 7 }],
      },
    });
  });

  test('when no commit is stored, then start and end are null and the lag is a 0 that means nothing', async () => {
    const { url, world } = await aBurrow();
    world.setGroup('orders', 'worker');
    world.setLag('orders', 'worker', 'placed', 3, { lagRecords: 12, endOffset: null });
    expect(await getJson(`${url}/v3/kafka/orders/consumer/worker/lag`)).toMatchObject({
      status: { partitions: [{ partition: 3, start: null, end: null, current_lag: 0, complete: 0 }] },
    });
  });

  test('when the consumer detail is asked for, then the index is the partition and empty slots come first', async () => {
    const { url, world } = await aBurrow();
    world.removePartition('orders', 'worker', 'placed', 0);
    const end = { offset: 1000, timestamp: NOW_MS, observedAt: NOW_MS, lag: 0 };
    expect(await getJson(`${url}/v3/kafka/orders/consumer/worker`)).toMatchObject({
      topics: {
        placed: [
          { offsets: Array.from({ length: 10 }, () => null), owner: '', client_id: '', 'current-lag': 0 },
          { offsets: [...Array.from({ length: 8 }, () => null), { lag: 0 }, end] },
        ],
      },
    });
  });

  test('when a partition has no known offset, then it is left out of the topic', async () => {
    const { url, world } = await aBurrow();
    world.setOffsets('orders', 'placed', [1500, null, 1700]);
    expect(await getJson(`${url}/v3/kafka/orders/topic/placed`)).toMatchObject({ offsets: [1500, 1700] });
  });

  test('when a group is not known, then it is 404 with error false, whether listed or not', async () => {
    const { url, world } = await aBurrow();
    world.removeGroup('orders', 'worker', 'listed');
    expect(await getJson(`${url}/v3/kafka/orders/consumer`)).toMatchObject({ consumers: ['worker'] });
    for (const path of ['orders/consumer/worker', 'orders/consumer/other', 'nowhere/consumer/worker'])
      for (const detail of ['lag', 'status'])
        expect(await getJson(`${url}/v3/kafka/${path}/${detail}`, 404)).toMatchObject({
          error: false,
          status: { status: 'NOTFOUND', complete: 1, partitions: [], maxlag: null, totallag: 0 },
        });
    expect(await getJson(`${url}/v3/kafka/orders/consumer/worker`, 404)).toMatchObject({ error: true });
  });

  test('when a cluster or topic is not known, then it is 404 with error true', async () => {
    const { url } = await aBurrow();
    for (const path of [
      'nowhere',
      'nowhere/topic',
      'nowhere/consumer',
      'nowhere/topic/placed',
      'orders/topic/x',
    ])
      expect(await getJson(`${url}/v3/kafka/${path}`, 404)).toMatchObject({ error: true });
  });

  test('when partitions stand at equal lag, then their order and the pick of maxlag vary', async () => {
    const { url, world } = await aBurrow();
    for (const partition of [0, 1, 2, 3]) world.setLag('orders', 'worker', 'placed', partition, 5);
    const orders = new Set<string>();
    const picks = new Set<number>();
    for (let round = 0; round < 40; round += 1) {
      const { status } = (await getJson(`${url}/v3/kafka/orders/consumer/worker/lag`)) as {
        status: { partitions: { partition: number }[]; maxlag: { partition: number } };
      };
      orders.add(status.partitions.map(({ partition }) => partition).join());
      picks.add(status.maxlag.partition);
    }
    expect(orders.size).toBeGreaterThan(5);
    expect([...picks].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('given a request that is not for the API', () => {
  test.each(['/', '/v3', '/v2/kafka', '/v3/kafka/orders/nothing', '/v3/kafka/orders/consumer/worker/lag/x'])(
    'when it is for %s, then it is 404 in plain text',
    async (path) => {
      const { url } = await aBurrow();
      const response = await fetch(url + path);
      expect([response.status, response.headers.get('content-type')]).toEqual([
        404,
        'text/plain; charset=utf-8',
      ]);
    },
  );

  test('when a name holds an encoded slash, then it can not be reached', async () => {
    const { url, world } = await aBurrow();
    world.setLag('orders', 'a/b', 'placed', 0, 1);
    world.setLag('orders', 'ä b', 'placed', 0, 1);
    expect((await fetch(`${url}/v3/kafka/orders/consumer/a%2Fb/lag`)).status).toBe(404);
    expect((await fetch(`${url}/v3/kafka/orders/consumer/%C3%A4%20b/lag`)).status).toBe(200);
  });

  test('when the path ends with a slash, then it is redirected', async () => {
    const { url } = await aBurrow();
    const response = await fetch(`${url}/v3/kafka/orders/topic/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([301, '/v3/kafka/orders/topic']);
  });

  test('when the method is another, then it is 405 and nothing changes', async () => {
    const { url, requests } = await aBurrow();
    const response = await fetch(`${url}/v3/kafka/orders/consumer/worker`, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
    expect(requests.methods()).toEqual(['DELETE']);
    expect(await getJson(`${url}/v3/kafka/orders/consumer`)).toMatchObject({ consumers: ['worker'] });
  });

  test('when its health is asked for, then it is well', async () => {
    const { url } = await aBurrow();
    expect(await (await fetch(`${url}/burrow/admin`)).text()).toBe('GOOD');
    expect(await (await fetch(`${url}/burrow/admin/ready`)).text()).toBe('READY');
  });
});

describe('given a server that is to fail', () => {
  const LAG = '/v3/kafka/orders/consumer/worker/lag';

  test('when one cluster fails, then the others and the list answer', async () => {
    const { url, world, faults } = await aBurrow();
    world.setLag('payments', 'ledger', 'entries', 0, 1);
    faults.set('/v3/kafka/orders', { kind: 'answer', status: 500, body: 'broken' });
    expect(await (await fetch(url + LAG)).text()).toBe('broken');
    expect((await fetch(`${url}/v3/kafka/orders`)).status).toBe(500);
    expect((await fetch(`${url}/v3/kafka`)).status).toBe(200);
    expect((await fetch(`${url}/v3/kafka/payments/consumer/ledger/lag`)).status).toBe(200);
    faults.clear();
    expect((await fetch(url + LAG)).status).toBe(200);
  });

  test('when only the list fails, then what lies below it answers', async () => {
    const { url, faults } = await aBurrow();
    const fault = { kind: 'answer', status: 503, body: '' } as const;
    faults.set('/v3/kafka/orders/consumer', fault, { paths: 'only' });
    expect((await fetch(`${url}/v3/kafka/orders/consumer`)).status).toBe(503);
    expect((await fetch(url + LAG)).status).toBe(200);
  });

  test('when it is to fail twice, then the third request is answered', async () => {
    const { url, faults } = await aBurrow();
    faults.set('', { kind: 'answer', status: 500, body: '' }, { times: 2 });
    const statuses = [];
    for (let round = 0; round < 3; round += 1) statuses.push((await fetch(url + LAG)).status);
    expect(statuses).toEqual([500, 500, 200]);
  });

  test('when a fault is more particular, then it wins', async () => {
    const { url, faults } = await aBurrow();
    faults.set(LAG, { kind: 'answer', status: 418, body: '' });
    faults.set('', { kind: 'answer', status: 500, body: '' });
    expect((await fetch(url + LAG)).status).toBe(418);
  });

  test('when it warms up, then lists are empty and groups unknown', async () => {
    const { url, faults } = await aBurrow();
    faults.set('', { kind: 'empty' });
    expect(await getJson(`${url}/v3/kafka`)).toMatchObject({ error: false, clusters: [] });
    expect(await getJson(`${url}/v3/kafka/orders/topic`)).toMatchObject({ topics: [] });
    expect(await getJson(`${url}/v3/kafka/orders/consumer`)).toMatchObject({ consumers: [] });
    expect(await getJson(url + LAG, 404)).toMatchObject({ error: false, status: { status: 'NOTFOUND' } });
    const ready = await fetch(`${url}/burrow/admin/ready`);
    expect([ready.status, await ready.text()]).toEqual([503, 'STARTING']);
  });

  test('when it cuts the connection, before or within an answer, then the client sees it', async () => {
    const { url, faults } = await aBurrow();
    faults.set(LAG, { kind: 'reset' }, { times: 1 });
    await expect(fetch(url + LAG)).rejects.toThrow();
    faults.set(LAG, { kind: 'half' }, { times: 1 });
    const response = await fetch(url + LAG);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('when it hangs, then the client has to give up and the server can still be stopped', async () => {
    const burrow = await aBurrow();
    burrow.faults.set('', { kind: 'hang' });
    const asked = fetch(burrow.url + LAG).catch((error: unknown) => error);
    await expect.poll(() => burrow.requests.of(LAG)).toBe(1);
    await burrow.stop(new AbortController().signal);
    expect(await asked).toBeInstanceOf(Error);
  });

  test('when an answer is delayed, then it comes after the given time', async () => {
    const due: { delayMs: number; run: () => void }[] = [];
    const scheduler = {
      after(delayMs: number, run: () => void) {
        due.push({ delayMs, run });
        return () => undefined;
      },
    };
    const { url, faults } = await running(createScriptedBurrow({ scheduler }));
    faults.set('', { kind: 'delay', delayMs: 5_000 });
    const asked = fetch(`${url}/v3/kafka`);
    await expect.poll(() => due.map(({ delayMs }) => delayMs)).toEqual([5_000]);
    due[0]!.run();
    expect((await asked).status).toBe(200);
  });
});

describe('given a server that counts', () => {
  test('when requests come, then it tells them apart by path and keeps the newest headers', async () => {
    const { url, requests } = await aBurrow();
    await fetch(`${url}/v3/kafka?x=1`, { headers: { authorization: 'Basic eA==' } });
    await fetch(`${url}/v3/kafka`, { headers: { authorization: 'Basic eQ==' } });
    await fetch(`${url}/v3/kafka/orders`);
    expect([requests.total(), requests.of('/v3/kafka'), requests.of('/elsewhere')]).toEqual([3, 2, 0]);
    expect(requests.paths()).toEqual(['/v3/kafka', '/v3/kafka/orders']);
    expect(requests.lastHeader('authorization')).toBeUndefined();
    requests.clear();
    expect(requests.total()).toBe(0);
  });

  test('when it is stopped and started again, then it returns at the same address', async () => {
    const burrow = await aBurrow();
    const { url } = burrow;
    const { signal } = new AbortController();
    await burrow.stop(signal);
    await burrow.stop(signal);
    await expect(fetch(url)).rejects.toThrow();
    await burrow.start(signal);
    expect(burrow.url).toBe(url);
    expect((await fetch(`${url}/v3/kafka`)).status).toBe(200);
  });

  test('when its port is taken, then it says what to do', async () => {
    const { url } = await aBurrow();
    const port = Number(new URL(url).port);
    const second = createScriptedBurrow({}, { port });
    await expect(second.start(new AbortController().signal)).rejects.toThrow(/choose another port/);
  });

  test('when it was never started, then it has no address', () => {
    expect(() => createScriptedBurrow().url).toThrow(/no address/);
  });

  test('when a path can not be decoded, then it is a bad request', async () => {
    const { url } = await aBurrow();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write('GET /v3/kafka/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});
