import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, systemScheduler } from '../src/platform/clock.ts';
import { createSidecar } from '../src/sidecar.ts';
import { createBurrowSimulator } from '../src/simulator/burrow-simulator.ts';
import { loadGood } from './config/loading.ts';
import { pollUntil } from './stack/poll-until.ts';

const GROUPS = 155;
const UNTOUCHED = 5;

/**
 * The Burrow answers a hundred requests a second at most, one after the other. Polls take 39 of them; the webhooks, if
 * they all were followed at once, 150, and then nothing else was ever polled.
 */
test(
  'given a sidecar and a slow Burrow, when webhooks name nearly all groups twice a second for as long as it takes, then the others are polled all the same, and new groups are looked for',
  { timeout: 120_000 },
  async () => {
    const { signal } = new AbortController();
    const simulator = createBurrowSimulator({ clock: systemClock }, { groups: GROUPS, clusters: ['orders'] });
    await simulator.start(signal);
    onTestFinished(() => simulator.stop(signal));
    const sidecar = createSidecar(
      loadGood({
        set: [
          `burrow.servers=${simulator.url}`,
          'burrow.concurrency=1',
          'discovery.interval=4s',
          'discovery.topics.deny=.',
          'poll.interval=4s',
          'sink.type=stdout',
          'http.host=127.0.0.1',
          'http.port=0',
        ],
      }),
      {
        clock: systemClock,
        scheduler: systemScheduler,
        monotonicMs: () => performance.now(),
        random: Math.random,
        log: pino({ level: 'silent' }),
        stdout: new Writable({ write: (_chunk, _encoding, done) => done() }),
      },
      { version: '1.2.3', trafficIntervalMs: 60_000 },
    );
    await sidecar.start(signal);
    onTestFinished(() => sidecar.stop(AbortSignal.timeout(5000)));
    const url = `http://127.0.0.1:${sidecar.address()!.port}`;
    const lists = `/v3/kafka/orders/consumer`;
    const { consumers } = (await (await fetch(simulator.url + lists)).json()) as { consumers: string[] };
    const untouched = consumers.slice(0, UNTOUCHED);
    const polls = (): number[] => untouched.map((group) => simulator.requests.of(`${lists}/${group}/lag`));
    await pollUntil(() => (polls().every((times) => times > 0) ? true : undefined), {
      what: 'a first poll of every group',
      withinMs: 60_000,
    });

    simulator.faults.set('', { kind: 'delay', delayMs: 10 });
    const body = JSON.stringify({
      events: consumers.slice(UNTOUCHED).map((group) => ({ event: { cluster: 'orders', group } })),
    });
    const post = async (): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${url}/notifier`, { method: 'POST', headers, body })).status).toBe(202);
    };
    const before = polls();
    const listsBefore = simulator.requests.of(lists);
    await pollUntil(
      async () => {
        await Promise.all([post(), post()]);
        const isPolled = polls().every((times, index) => times >= (before[index] ?? 0) + 2);
        return isPolled && simulator.requests.of(lists) > listsBefore ? true : undefined;
      },
      { what: 'two polls of each group that no webhook names', withinMs: 60_000, everyMs: 500 },
    );

    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const outcome of ['woken', 'merged', 'deferred']) {
      expect(metrics).toMatch(
        new RegExp(`^burrow_rainbow_notifier_events_total\\{outcome="${outcome}"\\} [1-9]`, 'm'),
      );
    }
  },
);
