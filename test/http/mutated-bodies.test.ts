import { Agent, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serve } from './serve.ts';

const RUNS = 10_000;

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
  fc.constantFrom('orders', '__proto__', 'constructor', 'toString', 'a\nb', '..', 'é', 'x'.repeat(9_999)),
);
const partition = fc.record({
  topic: name,
  partition: fc.integer(),
  owner: name,
  client_id: name,
  status: fc.constantFrom('OK', 'STOP'),
  start: fc.record({ offset: fc.maxSafeNat(), timestamp: fc.maxSafeNat(), lag: fc.maxSafeNat() }),
  end: fc.constant(null),
  current_lag: fc.maxSafeNat(),
});
const ownDialect = fc.record({
  source: fc.constant('burrow'),
  event: fc.constantFrom('open', 'close'),
  id: name,
  cluster: name,
  group: name,
  start: fc.constant('2026-11-21T00:00:00Z'),
  status: fc.constantFrom('OK', 'WARN', 'ERR'),
  result: fc.record({ cluster: name, group: name, partitions: fc.array(partition, { maxLength: 2 }) }),
});
const burrowsDialect = fc.record({
  api_key: name,
  app: name,
  block: fc.boolean(),
  events: fc.array(
    fc.record({
      id: name,
      event: fc.record({
        severity: fc.constantFrom('OK', 'WARN', 'ERR'),
        tier: name,
        group: name,
        start: name,
        complete: fc.double({ min: 0, max: 1, noNaN: true }),
        partitions: fc.array(partition, { maxLength: 2 }),
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});
const goRainbowsDialect = fc.record({
  api_key: name,
  app: name,
  block: fc.boolean(),
  events: fc.array(
    fc.record({
      event: fc.record({
        severity: name,
        cluster: name,
        group: name,
        totalLag: fc.maxSafeNat().map(String),
        maxLagPartition: partition,
        partitions: fc.array(partition, { maxLength: 2 }),
      }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

type Mutation = (body: Buffer) => Buffer;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (body: Buffer, share: number): number => Math.floor(share * body.length);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(([share, byte]): Mutation => (body) => {
    const changed = Buffer.from(body);
    if (changed.length > 0) changed[Math.min(at(body, share), body.length - 1)] = byte;
    return changed;
  }),
  fc.tuple(place, fc.uint8Array({ maxLength: 8 })).map(
    ([share, bytes]): Mutation =>
      (body) =>
        Buffer.concat([body.subarray(0, at(body, share)), bytes, body.subarray(at(body, share))]),
  ),
  fc.tuple(place, fc.nat(40)).map(
    ([share, length]): Mutation =>
      (body) =>
        Buffer.concat([body.subarray(0, at(body, share)), body.subarray(at(body, share) + length)]),
  ),
  fc
    .tuple(place, fc.nat(40), fc.integer({ min: 1, max: 5 }))
    .map(([share, length, times]): Mutation => (body) => {
      const start = at(body, share);
      const piece = body.subarray(start, start + length);
      return Buffer.concat([
        body.subarray(0, start),
        ...Array.from({ length: times }, () => piece),
        body.subarray(start),
      ]);
    }),
  place.map(
    (share): Mutation =>
      (body) =>
        body.subarray(0, at(body, share)),
  ),
  // A whole JSON value for another.
  fc.tuple(place, fc.json({ maxDepth: 2 })).map(([share, json]): Mutation => (body) => {
    const values = [
      ...body.toString('latin1').matchAll(/:("(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null)/g),
    ];
    const value = values[Math.min(Math.floor(share * values.length), values.length - 1)];
    if (value === undefined) return body;
    const start = value.index + 1;
    return Buffer.concat([
      body.subarray(0, start),
      Buffer.from(json),
      body.subarray(value.index + value[0].length),
    ]);
  }),
  fc.constantFrom('group', 'cluster', 'events', 'event').map(
    (key): Mutation =>
      (body) =>
        Buffer.from(body.toString('latin1').replace(`"${key}"`, '"__proto__"'), 'latin1'),
  ),
  fc.constant<Mutation>((body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])),
  fc.constant<Mutation>((body) => Buffer.concat([Buffer.from('['), body, Buffer.from(']')])),
);

const body = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.oneof(ownDialect, burrowsDialect, goRainbowsDialect), fc.array(mutation, { maxLength: 3 }))
      .map(([valid, mutations]) =>
        mutations.reduce<Buffer>((bytes, mutate) => mutate(bytes), Buffer.from(JSON.stringify(valid))),
      ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
);

/** Every pair of names that a body can be said to hold: of each object in it, wherever that stands. */
function namedIn(bytes: Buffer): Set<string> {
  const pairs = new Set<string>();
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return pairs;
  }
  const open = [parsed];
  for (let value = open.pop(); open.length > 0 || value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const fields = new Map(Object.entries(value));
    const given: unknown = fields.get('cluster');
    // What cannot be a name names none.
    const cluster = typeof given === 'string' && given.length > 0 && given.length <= 32_767 ? given : null;
    pairs.add(JSON.stringify([cluster, fields.get('group')]));
    open.push(...fields.values());
  }
  return pairs;
}

describe(`given ${RUNS} webhook bodies, random and mutated`, () => {
  test('when they are posted, then each is taken or refused, nothing is ever woken that it does not name, and no answer repeats it', async () => {
    const woken: string[] = [];
    const { port, calls } = await serve({
      wake(cluster, group) {
        woken.push(JSON.stringify([cluster, group]));
        return ['woken'];
      },
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const statuses = new Map<number, number>();

    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('POST', 'PUT', 'DELETE'), async (bytes, method) => {
        woken.length = 0;
        const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
        const sent = request({ port, host: '127.0.0.1', path: '/notifier', method, headers, agent });
        sent.end(bytes);
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        let text = '';
        for await (const chunk of response) text += String(chunk);
        const status = response.statusCode ?? 0;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);

        const answer = JSON.parse(text) as Record<string, unknown>;
        if (status === 202) {
          expect(Object.keys(answer)).toEqual(['accepted', 'woken', 'deferred']);
          expect(woken).toHaveLength(answer['accepted'] as number);
          expect(woken).not.toEqual([]);
          const named = namedIn(bytes);
          for (const pair of woken) expect(named).toContain(pair);
        } else {
          expect(status).toBe(400);
          expect(Object.keys(answer)).toEqual(['error', 'message', 'faults']);
          expect(woken).toEqual([]);
          // What is wrong is told by places and rules of ours, so it is short and plain whatever came.
          expect(text).toMatch(/^[\x20-\x7e…]{0,2000}$/u);
        }
      }),
      { numRuns: RUNS },
    );
    expect(calls.filter((call) => call.startsWith('log'))).toEqual([]);
    // Both happened often, or the bodies test nothing.
    expect(statuses.get(202)).toBeGreaterThan(RUNS / 10);
    expect(statuses.get(400)).toBeGreaterThan(RUNS / 10);
  }, 300_000);
});

describe('given JSON as deep as a body may be', () => {
  test.each([
    ['arrays', '['.repeat(500_000) + ']'.repeat(500_000)],
    ['arrays without an end', '['.repeat(1_000_000)],
    ['objects', '{"a":'.repeat(150_000) + '1' + '}'.repeat(150_000)],
    ['objects without an end', '{"group":'.repeat(110_000)],
    ['events in events', '{"events":[{"event":'.repeat(40_000) + '1' + '}]}'.repeat(40_000)],
  ])('when %s come, then they are refused and the server goes on', async (_, text) => {
    const { url, calls } = await serve();
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/notifier`, { method: 'POST', body: text, headers });
    expect(response.status).toBe(400);
    expect(calls).toEqual(['count invalid 1', 'failed notifierBody']);
    expect((await fetch(`${url}/health-check`)).status).toBe(200);
  });
});
